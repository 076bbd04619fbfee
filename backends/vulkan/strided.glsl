// SPDX-License-Identifier: Apache-2.0
//
// Element indices to offsets of strided operands (strided.h). Before the #include:
//   #define OPERANDS 2
#ifndef TESSERA_VULKAN_STRIDED_GLSL_
#define TESSERA_VULKAN_STRIDED_GLSL_

const int kLoopDims = 6;

// The dims of the loop, an even number, or 0: element i of every operand is at i.
layout(constant_id = 0) const int RANK = 0;

struct StridedDims {
  int sizes[kLoopDims - 1];  // innermost first, without the outermost
  int strides[OPERANDS][kLoopDims];
};

// The offsets of element `index` in row-major order, in elements.
#define STRIDED_OFFSETS(dims, index, offsets)                                              \
  int offsets[OPERANDS];                                                                   \
  [[unroll]] for (int o = 0; o < OPERANDS; ++o) offsets[o] = RANK == 0 ? (index) : 0;      \
  {                                                                                        \
    int rest = (index);                                                                    \
    [[unroll]] for (int k = 0; k < RANK; ++k) {                                            \
      int at = rest;                                                                       \
      if (k < RANK - 1) {                                                                  \
        rest = rest / dims.sizes[k];                                                       \
        at -= rest * dims.sizes[k];                                                        \
      }                                                                                    \
      [[unroll]] for (int o = 0; o < OPERANDS; ++o) offsets[o] += at * dims.strides[o][k]; \
    }                                                                                      \
  }

#endif  // TESSERA_VULKAN_STRIDED_GLSL_
