// SPDX-License-Identifier: Apache-2.0
//
// What attention is examined on.
#ifndef TESSERA_TENSOR_OPS_ATTENTION_SAMPLES_H_
#define TESSERA_TENSOR_OPS_ATTENTION_SAMPLES_H_

#include <vector>

#include "tessera/tensor/op_def.h"

namespace tessera {

std::vector<Sample> attention_samples(const OpDef& op);
std::vector<Sample> attention_backward_samples(const OpDef& op);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_ATTENTION_SAMPLES_H_
