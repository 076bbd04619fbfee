// SPDX-License-Identifier: Apache-2.0
//
// float32 to and from the 16-bit floats, with SIMD.
#ifndef TESSERA_BACKENDS_CPU_CONVERT_HALF_H_
#define TESSERA_BACKENDS_CPU_CONVERT_HALF_H_

#include "tessera/backends/cpu/convert.h"

namespace tessera::cpu {

struct HalfKernels {
  ConvertKernel from_half;
  ConvertKernel from_bfloat;
  ConvertKernel to_half;
  ConvertKernel to_bfloat;
};

const HalfKernels& half_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_CONVERT_HALF_H_
