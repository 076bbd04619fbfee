// SPDX-License-Identifier: Apache-2.0
//
// The plugin's function table, which its two entries (loaded and linked in) point to.
#ifndef TESSERA_BACKENDS_CPU_API_H_
#define TESSERA_BACKENDS_CPU_API_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::cpu {

extern const TsrBackendApi kApi;

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_API_H_
