// SPDX-License-Identifier: Apache-2.0
//
// Kernels of the fault plugin: the wrapped plugin's, which fail when it is their turn, and those
// that a test controls the plugin with (protocol.h).
#ifndef TESSERA_BACKENDS_FAULT_KERNELS_H_
#define TESSERA_BACKENDS_FAULT_KERNELS_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::fault {

const TsrKernel* find_kernel(TsrDevice* device, const char* op);

// Writes `text` to `message`, if there is one, cut to fit. Returns `status`.
TsrStatus fail(TsrMessage* message, TsrStatus status, const char* text);

// TSR_UNAVAILABLE if the device was lost, else TSR_OK.
TsrStatus check_not_lost(const TsrDevice* device, const char* doing, TsrMessage* message);

}  // namespace tessera::fault

#endif  // TESSERA_BACKENDS_FAULT_KERNELS_H_
