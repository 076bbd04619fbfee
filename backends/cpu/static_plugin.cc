// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/api.h"
#include "tessera/backends/cpu/plugin.h"

extern "C" const TsrPlugin tessera_plugin_cpu = {TSR_PLUGIN_HEADER, "cpu", "linked in",
                                                 &tessera::cpu::kApi};
