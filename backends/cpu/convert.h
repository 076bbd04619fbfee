// SPDX-License-Identifier: Apache-2.0
//
// Casts of contiguous elements from one dtype to another.
#ifndef TESSERA_BACKENDS_CPU_CONVERT_H_
#define TESSERA_BACKENDS_CPU_CONVERT_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

// Converts n elements. Float to int truncates toward zero, to bool is != 0, to float16 and bfloat16
// rounds once to nearest even.
using ConvertKernel = void (*)(const void* from, void* to, size_t n);

// The kernel from dtype `from` to dtype `to`, both valid. For equal dtypes it copies.
ConvertKernel find_convert(uint32_t from, uint32_t to);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_CONVERT_H_
