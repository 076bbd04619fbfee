// SPDX-License-Identifier: Apache-2.0
//
// CUDA's runtime and device language, or their emulation on the host (emulation/). Every file of
// this plugin is compiled with both; what kernels use beyond CUDA's own names:
//
//   using Tile = float[32][33];
//   TESSERA_SHARED(Tile, tile);       // __shared__ float tile[32][33];
//   launch(kernel, grid, block, stream, arguments...);
//   TESSERA_UNROLL for (..) {}        // a loop whose length nvcc knows, without a loop
//
// Kernels use whole warps in shuffles and votes (kWholeWarp), and blocks of whole warps.
#ifndef TESSERA_BACKENDS_CUDA_RUNTIME_H_
#define TESSERA_BACKENDS_CUDA_RUNTIME_H_

#include <cstdint>

#if defined(TESSERA_CUDA_EMULATION)

#include "tessera/backends/cuda/emulation/runtime.h"

#define TESSERA_SHARED(Type, name)  \
  static const char name##_key = 0; \
  Type& name = *static_cast<Type*>( \
      ::tessera::cuda::emulation::shared_memory(&name##_key, sizeof(Type), #name))

#define TESSERA_UNROLL

namespace tessera::cuda {

using emulation::launch;

}  // namespace tessera::cuda

#else

#include <cuda_runtime.h>

#define TESSERA_SHARED(Type, name) __shared__ Type name
#define TESSERA_UNROLL _Pragma("unroll")

namespace tessera::cuda {

// kernel<<<grid, block, 0, stream>>>(parameters...), with its error.
template <class... P>
cudaError_t launch(void (*kernel)(P...), dim3 grid, dim3 block, cudaStream_t stream,
                   P... parameters) {
  void* addresses[] = {&parameters..., nullptr};
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, addresses, 0, stream);
}

}  // namespace tessera::cuda

#endif

namespace tessera::cuda {

inline constexpr uint32_t kWholeWarp = 0xFFFFFFFF;
inline constexpr uint32_t kWarpSize = 32;

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_RUNTIME_H_
