// SPDX-License-Identifier: Apache-2.0
//
// The elementwise ops as structs: tessera::elementwise::Silu::apply(x). See list.h for their names,
// vocabulary.h for what x can be. Highway code includes ops.inc inside its own namespace instead.
#ifndef TESSERA_BACKENDS_ELEMENTWISE_OPS_H_
#define TESSERA_BACKENDS_ELEMENTWISE_OPS_H_

namespace tessera::elementwise {
#include "tessera/backends/elementwise/ops.inc"
}  // namespace tessera::elementwise

#endif  // TESSERA_BACKENDS_ELEMENTWISE_OPS_H_
