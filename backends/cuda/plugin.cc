// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/api.h"

#if defined(TESSERA_CUDA_EMULATION)
#define TESSERA_CUDA_NAME "cuda_emulated"
#else
#define TESSERA_CUDA_NAME "cuda"
#endif

extern "C" TSR_EXPORT const TsrPlugin tessera_plugin = {
    TSR_PLUGIN_HEADER, TESSERA_CUDA_NAME, "tessera " TESSERA_CUDA_NAME ", gcc " __VERSION__,
    &tessera::cuda::kApi};
