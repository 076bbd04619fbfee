// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CUDA_API_H_
#define TESSERA_BACKENDS_CUDA_API_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::cuda {

extern const TsrBackendApi kApi;

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_API_H_
