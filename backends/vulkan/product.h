// SPDX-License-Identifier: Apache-2.0
//
// Batches of products of matrices, as matmul and linear are.
#ifndef TESSERA_BACKENDS_VULKAN_PRODUCT_H_
#define TESSERA_BACKENDS_VULKAN_PRODUCT_H_

#include <cstdint>
#include <vector>

#include "tessera/backends/vulkan/recorder.h"

namespace tessera::vulkan {

// y (B.., M, N) = a (B.., M, K) b (B.., K, N) + bias (N). Strides are in elements.
struct Product {
  struct Dim {
    int64_t size, a, b;  // and strides
  };

  uint32_t dtype;
  uint64_t a, b, y;   // addresses; y is dense
  uint64_t bias = 0;  // 0: none
  int64_t bias_stride = 0;
  int64_t m, n, k;
  int64_t a_m, a_k, b_k, b_n;
  std::vector<Dim> batches = {};  // innermost first

  // Adds a dim outside of those there are. Becomes a part of M, or of the dim before, where it can.
  void add_batch(int64_t size, int64_t a_stride, int64_t b_stride);
};

void run_product(Recorder& recorder, const Product& product);

// What a node's dispatches left in `partial` (splits, count), in the dtype that values of `dtype`
// are computed in, is summed into y, dense (.., columns, run) with `count` elements:
//   y[i] = sum over s of partial[s, i] + bias[i / run % columns]
struct SplitSum {
  uint32_t dtype;
  uint64_t partial;  // addresses
  uint32_t splits;
  uint64_t count;
  uint64_t y;
  uint64_t bias = 0;  // 0: none
  int32_t bias_stride = 0;
  uint32_t columns = 1, run = 1;
};

void sum_splits(Recorder& recorder, const SplitSum& sum);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_PRODUCT_H_
