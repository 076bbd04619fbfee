#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Compiles one shader in all its variants into a C++ header (see shaders.bzl):
#
#   compile_shaders.sh <stem> <source> <header> <glslc> <mode>=<macros>... -- <type>...
set -eu

stem=$1 source=$2 header=$3 glslc=$4
shift 4
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

{
  guard="TESSERA_BACKENDS_VULKAN_$(echo "$stem" | tr a-z A-Z)_SPV_H_"
  echo "// Made from $stem.comp."
  echo "#ifndef $guard"
  echo "#define $guard"
  echo '#include "tessera/backends/vulkan/shader.h"'
  echo "namespace tessera::vulkan::shaders {"
  for mode in "${modes[@]}"; do
    suffix=${mode%%=*}
    name=$stem${suffix:+_$suffix}
    defines=()
    for macro in ${mode#*=}; do defines+=("-D$macro"); done
    for type in "$@"; do
      "$glslc" --target-env=vulkan1.2 -O -I . -I "$(dirname "$source")" "-DTYPE_$type" \
        ${defines[@]+"${defines[@]}"} -mfmt=c -o "$work/words" "$source"
      echo "inline constexpr uint32_t ${name}_${type}_words[] ="
      cat "$work/words"
      echo ";"
    done
    echo "inline const Shader& $name(uint32_t dtype) {"
    echo "  static constexpr Shader kShaders[] = {"
    for dtype in "${dtypes[@]}"; do
      entry="{}"
      for type in "$@"; do
        if [ "$type" = "$dtype" ]; then
          entry="{\"${name}_$type\", ${name}_${type}_words, sizeof ${name}_${type}_words}"
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
