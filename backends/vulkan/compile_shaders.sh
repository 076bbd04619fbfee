#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Compiles one shader in all its variants into a C++ header (see shaders.bzl):
#
#   compile_shaders.sh <stem> <source> <header> <glslc> <folders> <mode>=<macros>... -- <type>...
#
# Folders, separated by spaces, are where further files that the shader includes are looked for.
set -eu

stem=$1 source=$2 header=$3 glslc=$4 folders=$5
shift 5
modes=()
while [ "$1" != -- ]; do
  modes+=("$1")
  shift
done
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# In the order of the C interface; bits are found by their number of bytes.
dtypes=(none f32 f64 f16 bf16 i32 i64 u8 bool)
[[ " $* " =~ " b"[0-9] ]] && dtypes=(none b8 b16 none b32 none none none b64)

# A file for each variant, <stem>.<mode>.<type>.comp, all compiled by one call: the compiler starts up for
# longer than it takes for many shaders. The macros come before the text, the version before them.
if ! grep -q '^#version 460$' "$source"; then
  echo "compile_shaders: $source is not of #version 460" >&2
  exit 1
fi
sed 's/^#version 460$//' "$source" > "$work/$stem.body"
for mode in "${modes[@]}"; do
  for type in "$@"; do
    {
      echo "#version 460"
      echo "#extension GL_GOOGLE_include_directive : require"
      for macro in "TYPE_$type" ${mode#*=}; do
        name=${macro%%=*} value=${macro#"${macro%%=*}"}
        echo "#define $name ${value#=}"
      done
      echo "#include \"$stem.body\""
    } > "$work/$stem.${mode%%=*}.$type.comp"
  done
done
include=(-I "$PWD" -I "$PWD/$(dirname "$source")" -I "$PWD/$(dirname "$source")/../..")
for folder in $folders; do include+=(-I "$PWD/$folder"); done
[ $# -eq 0 ] || (cd "$work" && "$glslc" --target-env=vulkan1.2 -O "${include[@]}" -mfmt=c -c ./*.comp)

{
  guard="TESSERA_BACKENDS_VULKAN_$(echo "$stem" | tr a-z A-Z)_SPV_H_"
  echo "// Made from $stem.comp."
  echo "#ifndef $guard"
  echo "#define $guard"
  echo '#include "tessera/backends/vulkan/shader.h"'
  echo "namespace tessera::vulkan::shaders {"
  for mode in "${modes[@]}"; do
    suffix=${mode%%=*} cooperative=false
    [[ " ${mode#*=} " != *" COOPERATIVE "* ]] || cooperative=true
    name=$stem${suffix:+_$suffix}
    for type in "$@"; do
      echo "inline constexpr uint32_t ${name}_${type}_words[] ="
      cat "$work/$stem.$suffix.$type.comp.spv"
      echo ";"
    done
    echo "inline const Shader& $name(uint32_t dtype) {"
    echo "  static constexpr Shader kShaders[] = {"
    for dtype in "${dtypes[@]}"; do
      entry="{}"
      for type in "$@"; do
        if [ "$type" = "$dtype" ]; then
          entry="{\"${name}_$type\", ${name}_${type}_words, sizeof ${name}_${type}_words, $cooperative}"
        fi
      done
      echo "    $entry,"
    done
    echo "  };"
    echo "  return kShaders[dtype < ${#dtypes[@]} ? dtype : 0];"
    echo "}"
  done
  echo "}  // namespace tessera::vulkan::shaders"
  echo "#endif"
} > "$header"
