// SPDX-License-Identifier: Apache-2.0
//
// Which instruction set the kernels run with on this machine.
#ifndef TESSERA_BACKENDS_CPU_SIMD_INFO_H_
#define TESSERA_BACKENDS_CPU_SIMD_INFO_H_

#include <cstdint>

namespace tessera::cpu {

const char* simd_name();  // "AVX3", Highway's name
uint32_t simd_lanes();    // of float32

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SIMD_INFO_H_
