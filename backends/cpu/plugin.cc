// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/api.h"

extern "C" TSR_EXPORT const TsrPlugin tessera_plugin = {
    TSR_PLUGIN_HEADER, "cpu", "tessera cpu, gcc " __VERSION__, &tessera::cpu::kApi};
