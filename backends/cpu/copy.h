// SPDX-License-Identifier: Apache-2.0
//
// Strided copies with a cast: the op `copy`, and what kernels use to bring an operand into the
// layout and dtype that they compute with.
#ifndef TESSERA_BACKENDS_CPU_COPY_H_
#define TESSERA_BACKENDS_CPU_COPY_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// y = x, element by element. Same shape, any strides; y's elements do not overlap.
void copy_tensor(ThreadPool& pool, const TsrTensor& x, const TsrTensor& y);

std::span<const KernelEntry> copy_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_COPY_H_
