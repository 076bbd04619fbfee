// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/backend.h"

extern "C" {
extern const TsrPlugin tessera_plugin_reference;
const TsrPlugin tessera_plugin_reference = {TSR_PLUGIN_HEADER, "reference", "tessera reference",
                                            &tessera::reference::kApi};
}
