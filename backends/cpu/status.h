// SPDX-License-Identifier: Apache-2.0
//
// Statuses with a formatted message, and TESSERA_PLUGIN_RETURN_IF_ERROR.
#ifndef TESSERA_BACKENDS_CPU_STATUS_H_
#define TESSERA_BACKENDS_CPU_STATUS_H_

#include "tessera/backends/plugin/status.h"

namespace tessera::cpu {

using plugin::fail;

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_STATUS_H_
