// SPDX-License-Identifier: Apache-2.0
//
// Where an element stands, for messages. Internal to autograd/.
#ifndef TESSERA_AUTOGRAD_ELEMENT_INDEX_H_
#define TESSERA_AUTOGRAD_ELEMENT_INDEX_H_

#include <cstdint>
#include <string>

#include "tessera/tensor/shape.h"

namespace tessera::autograd {

// "[1, 4]" for element 9 of shape [3, 5].
inline std::string element_index(int64_t element, const Shape& shape) {
  Shape index = shape;
  for (int dim = shape.rank(); dim-- > 0;) {
    index[dim] = element % shape[dim];
    element /= shape[dim];
  }
  return index.to_string();
}

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_ELEMENT_INDEX_H_
