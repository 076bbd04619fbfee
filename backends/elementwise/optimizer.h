// SPDX-License-Identifier: Apache-2.0
//
// The rules of optimizer steps as structs: tessera::elementwise::AdamStep. Highway code includes
// optimizer.inc inside its own namespace instead.
#ifndef TESSERA_BACKENDS_ELEMENTWISE_OPTIMIZER_H_
#define TESSERA_BACKENDS_ELEMENTWISE_OPTIMIZER_H_

#include <cmath>
#include <cstdint>

namespace tessera::elementwise {
#include "tessera/backends/elementwise/optimizer.inc"
}  // namespace tessera::elementwise

#endif  // TESSERA_BACKENDS_ELEMENTWISE_OPTIMIZER_H_
