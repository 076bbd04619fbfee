// SPDX-License-Identifier: Apache-2.0
//
// A descriptor of which only the first fields are there, although they state a whole one.
#include "tessera/backends/abi/tessera_plugin.h"

#define FIELDS                                                                        \
  sizeof(TsrPlugin), TSR_PLUGIN_MAGIC, (uint64_t)TSR_ABI_MINOR << 32 | TSR_ABI_MAJOR, \
      sizeof(TsrBackendApi), sizeof(TsrHost), sizeof(TsrNode), sizeof(TsrTensor),     \
      sizeof(TsrBuffer), sizeof(TsrKernel)

TSR_EXPORT extern const uint64_t tessera_plugin[9];
const uint64_t tessera_plugin[9] = {FIELDS};
