#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Compiles elementwise.comp for every op and dtype into a C++ header (elementwise.h):
#
#   compile_elementwise.sh <print_ops> <elementwise.comp> <folder of ops.glsl> <header> <glslc>
set -eu

print_ops=$1 source=$2 generated=$3 header=$4 glslc=$5

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# In the order of the C interface; bits are found by their number of bytes.
dtypes=(none f32 f64 f16 bf16 i32 i64 u8 bool)
bits=(none b8 b16 none b32 none none none b64)
declare -A forms=([unary]=kUnary [predicate]=kPredicate [binary]=kBinary [ternary]=kTernary
  [compare]=kCompare [logical]=kLogical [logical_unary]=kLogicalUnary [where]=kWhere)

# A file for every shader, in a folder for each dtype.
"$print_ops" list | while read -r op form types; do
  case $form in
    unary) macros="INPUTS 1,RETURNS_VALUE" ;;
    binary) macros="INPUTS 2,RETURNS_VALUE" ;;
    ternary) macros="INPUTS 3,RETURNS_VALUE" ;;
    predicate) macros="INPUTS 1,RETURNS_BOOL" ;;
    compare) macros="INPUTS 2,RETURNS_BOOL" ;;
    logical) macros="INPUTS 2,LOGICAL" ;;
    logical_unary) macros="INPUTS 1,LOGICAL" ;;
    where) macros="INPUTS 3,WHERE" ;;
    *) echo "compile_elementwise: form $form of op $op" >&2; exit 1 ;;
  esac
  for type in $types; do
    mkdir -p "$work/$type"
    {
      echo "#version 460"
      echo "#extension GL_GOOGLE_include_directive : require"
      printf '#define %s\n' "TYPE_$type" "OP op_$op" "${macros%%,*}" "${macros#*,}"
      echo '#include "elementwise.comp"'
    } > "$work/$type/$op.comp"
  done
done

# The compiler starts up for longer than it takes for many files: one call for each dtype.
root=$PWD
for folder in "$work"/*; do
  (cd "$folder" && "$glslc" --target-env=vulkan1.2 -O -I "$root/$(dirname "$source")" \
    -I "$root/$generated" -I "$root/$(dirname "$source")/../.." -mfmt=c -c ./*.comp)
done

{
  echo "// Made from elementwise.comp."
  "$print_ops" list | while read -r op form types; do
    for type in $types; do
      echo "inline constexpr uint32_t k_${op}_$type[] ="
      cat "$work/$type/$op.comp.spv"
      echo ";"
    done
  done
  echo "inline constexpr ElementwiseOp kElementwiseOps[] = {"
  "$print_ops" list | while read -r op form types; do
    entries=
    names=("${dtypes[@]}")
    [ "$form" = where ] && names=("${bits[@]}")
    for name in "${names[@]}"; do
      if [[ " $types " == *" $name "* ]]; then
        entries+="{\"${op}_$name\", k_${op}_$name, sizeof k_${op}_$name}, "
      else
        entries+="{}, "
      fi
    done
    echo "    {\"$op\", Form::${forms[$form]}, {$entries}},"
  done
  echo "};"
} > "$header"
