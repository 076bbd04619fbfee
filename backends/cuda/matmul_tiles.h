// SPDX-License-Identifier: Apache-2.0
//
// Products by a kernel of this plugin: every dtype and layout.
#ifndef TESSERA_BACKENDS_CUDA_MATMUL_TILES_H_
#define TESSERA_BACKENDS_CUDA_MATMUL_TILES_H_

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

// a (B.., M, K), b (B.., K, N), any strides; bias (N), any stride, or null; y (B.., M, N), dense
void multiply_by_tiles(Launcher& launcher, const TsrTensor& a, const TsrTensor& b,
                       const TsrTensor* bias, const TsrTensor& y);
// y (.., N) += bias (N), both dense and floating.
void add_bias(Launcher& launcher, const TsrTensor& y, const void* bias);

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_MATMUL_TILES_H_
