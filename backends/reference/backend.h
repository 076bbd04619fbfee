// SPDX-License-Identifier: Apache-2.0
//
// The functions of the reference backend. plugin.cc exports them as `tessera_plugin`, static.cc
// makes them linkable as `tessera_plugin_reference`.
#ifndef TESSERA_BACKENDS_REFERENCE_BACKEND_H_
#define TESSERA_BACKENDS_REFERENCE_BACKEND_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::reference {

extern const TsrBackendApi kApi;

}  // namespace tessera::reference

#endif  // TESSERA_BACKENDS_REFERENCE_BACKEND_H_
