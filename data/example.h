// SPDX-License-Identifier: Apache-2.0
//
// Example: an input and what the network should answer; one sample, or a batch of them.
//
//   for (auto& [x, y] : loader) loss(model(x), y).backward();
#ifndef TESSERA_DATA_EXAMPLE_H_
#define TESSERA_DATA_EXAMPLE_H_

#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct Example {
  Tensor x;
  Tensor y;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_EXAMPLE_H_
