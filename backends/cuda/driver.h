// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CUDA_DRIVER_H_
#define TESSERA_BACKENDS_CUDA_DRIVER_H_

#include <string>

namespace tessera::cuda {

// Why there is no driver to speak to, or nothing. The runtime is linked statically and looks for
// the driver when it is first called, so that this plugin loads anywhere.
std::string missing_driver();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_DRIVER_H_
