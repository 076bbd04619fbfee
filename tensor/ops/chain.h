// SPDX-License-Identifier: Apache-2.0
//
// elementwise_chain: several elementwise ops as one node, which tensor/capture makes of recorded
// ones. Its attributes are those of backends/elementwise/chain.h.
//   shape:  inputs have the outputs' shape, or are numbers
//   errors: kInvalidArgument for attributes that are no chain, or shapes that differ
#ifndef TESSERA_TENSOR_OPS_CHAIN_H_
#define TESSERA_TENSOR_OPS_CHAIN_H_

#include "tessera/tensor/op_def.h"

namespace tessera {

const OpDef& elementwise_chain_op();

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_CHAIN_H_
