// SPDX-License-Identifier: Apache-2.0
//
// A matrix product divided among the pool's threads.
#ifndef TESSERA_BACKENDS_CPU_PRODUCT_H_
#define TESSERA_BACKENDS_CPU_PRODUCT_H_

#include "tessera/backends/cpu/gemm.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {

// Computes `gemm`. Throws KernelFailure when there is no scratch memory.
template <class T>
void multiply(TsrStream* stream, Workspace& work, const Gemm<T>& gemm);

extern template void multiply(TsrStream*, Workspace&, const Gemm<float>&);
extern template void multiply(TsrStream*, Workspace&, const Gemm<double>&);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_PRODUCT_H_
