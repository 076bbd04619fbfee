// SPDX-License-Identifier: Apache-2.0
//
// The libraries that are emulated, as dlopen() and dlsym() would give them.
#ifndef TESSERA_BACKENDS_CUDA_EMULATION_LIBRARIES_H_
#define TESSERA_BACKENDS_CUDA_EMULATION_LIBRARIES_H_

#include <string>

namespace tessera::cuda::emulation {

// Null if the file's library is not emulated.
void* open_library(const std::string& file);
// Null if it has no such function.
void* find_function(void* library, const std::string& name);

}  // namespace tessera::cuda::emulation

#endif  // TESSERA_BACKENDS_CUDA_EMULATION_LIBRARIES_H_
