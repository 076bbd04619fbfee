// SPDX-License-Identifier: Apache-2.0
//
// What a node costs at least.
#ifndef TESSERA_TENSOR_CAPTURE_COST_H_
#define TESSERA_TENSOR_CAPTURE_COST_H_

#include <cstdint>

#include "tessera/tensor/capture/graph.h"

namespace tessera::capture {

struct Cost {
  double flops = 0;  // multiplications and additions; other functions count one
  double bytes = 0;  // of operands, each read or written once

  Cost& operator+=(const Cost& other) {
    flops += other.flops;
    bytes += other.bytes;
    return *this;
  }
};

// Products by their shapes; ops that are none count one operation for each element of their largest
// operand. Work of the host costs nothing.
Cost cost_of(const Node& node);

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_COST_H_
