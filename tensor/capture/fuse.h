// SPDX-License-Identifier: Apache-2.0
//
// Passes that make one node of several.
#ifndef TESSERA_TENSOR_CAPTURE_FUSE_H_
#define TESSERA_TENSOR_CAPTURE_FUSE_H_

#include "tessera/tensor/capture/graph.h"

namespace tessera::capture {

struct FuseCounts {
  int groups = 0;  // nodes that others were fused into
  int nodes = 0;   // that they were before

  FuseCounts& operator+=(const FuseCounts& other) {
    groups += other.groups;
    nodes += other.nodes;
    return *this;
  }
};

// Elementwise nodes that feed each other become elementwise_chain where the device has a kernel for
// it that takes them: what passes between them is not written to memory.
FuseCounts fuse_elementwise(Graph& graph);

// conv2d, relu and max_pool2d of windows that do not overlap become conv2d_relu_max_pool2d, and
// their gradients relu_max_pool2d_backward, where the device has kernels for both. The bits stay.
FuseCounts fuse_conv_pool(Graph& graph);

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_FUSE_H_
