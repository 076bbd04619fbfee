// SPDX-License-Identifier: Apache-2.0
//
// Chains of elementwise ops, a tile at a time: what lies between two ops stays in the first-level
// cache.
#ifndef TESSERA_BACKENDS_CPU_ELEMENTWISE_CHAIN_H_
#define TESSERA_BACKENDS_CPU_ELEMENTWISE_CHAIN_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// elementwise_chain (backends/elementwise/chain.h); not of the half dtypes, which single ops round
// between each other. The bits are those of the ops one after another.
std::span<const KernelEntry> elementwise_chain_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ELEMENTWISE_CHAIN_H_
