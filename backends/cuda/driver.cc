// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/driver.h"

#if !defined(TESSERA_CUDA_EMULATION)
#include <dlfcn.h>
#endif

namespace tessera::cuda {

std::string missing_driver() {
#if !defined(TESSERA_CUDA_EMULATION)
  if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL) == nullptr) {
    const char* why = dlerror();
    return std::string("the NVIDIA driver is not there: ") +
           (why != nullptr ? why : "libcuda.so.1");
  }
#endif
  return "";
}

}  // namespace tessera::cuda
