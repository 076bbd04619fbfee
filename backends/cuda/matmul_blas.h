// SPDX-License-Identifier: Apache-2.0
//
// Products by cuBLASLt.
#ifndef TESSERA_BACKENDS_CUDA_MATMUL_BLAS_H_
#define TESSERA_BACKENDS_CUDA_MATMUL_BLAS_H_

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

// y (B.., M, N), dense = a (B.., M, K) b (B.., K, N) [+ bias (N)], all floating and K > 0. Factors
// whose rows or columns stand one after another are taken as they are, others copied first. False
// if the library is not there, or does not take it; y is then undefined.
bool multiply_by_blas(Launcher& launcher, const TsrTensor& a, const TsrTensor& b,
                      const TsrTensor* bias, const TsrTensor& y);

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_MATMUL_BLAS_H_
