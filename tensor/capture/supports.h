// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TENSOR_CAPTURE_SUPPORTS_H_
#define TESSERA_TENSOR_CAPTURE_SUPPORTS_H_

#include "tessera/tensor/capture/graph.h"

namespace tessera::capture {

// Describes an operand without its data. `immediate_shape` is the shape of numbers.
void describe_form(const Operand& operand, const Shape& immediate_shape, TsrTensor* to);

// Whether node.kernel says that it takes the node.
bool supports(DeviceState* device, const Node& node);

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_SUPPORTS_H_
