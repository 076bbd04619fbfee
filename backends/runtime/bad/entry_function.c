// SPDX-License-Identifier: Apache-2.0
//
// A library whose entry is a function, as other plugin interfaces have it.
#include "tessera/backends/abi/tessera_plugin.h"

TSR_EXPORT const void* tessera_plugin(void);
const void* tessera_plugin(void) { return 0; }
