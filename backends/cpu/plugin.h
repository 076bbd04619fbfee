// SPDX-License-Identifier: Apache-2.0
//
// The CPU backend for programs that link it in instead of loading it:
//
//   register_backend(tessera_plugin_cpu);
#ifndef TESSERA_BACKENDS_CPU_PLUGIN_H_
#define TESSERA_BACKENDS_CPU_PLUGIN_H_

#include "tessera/backends/abi/tessera_plugin.h"

extern "C" const TsrPlugin tessera_plugin_cpu;

#endif  // TESSERA_BACKENDS_CPU_PLUGIN_H_
