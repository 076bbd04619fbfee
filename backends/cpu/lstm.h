// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_LSTM_H_
#define TESSERA_BACKENDS_CPU_LSTM_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// lstm and lstm_backward
std::span<const KernelEntry> lstm_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_LSTM_H_
