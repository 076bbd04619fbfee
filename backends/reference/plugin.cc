// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/backend.h"

extern "C" {
extern TSR_EXPORT const TsrPlugin tessera_plugin;
const TsrPlugin tessera_plugin = {TSR_PLUGIN_HEADER, "reference", "tessera reference",
                                  &tessera::reference::kApi};
}
