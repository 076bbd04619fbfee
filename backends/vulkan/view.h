// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_VULKAN_VIEW_H_
#define TESSERA_BACKENDS_VULKAN_VIEW_H_

#include <algorithm>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {

// A tensor seen in a shape and with strides that may be changed.
struct View {
  explicit View(const TsrTensor& of) : t(of) {
    std::copy_n(of.shape, of.rank, shape);
    std::copy_n(of.strides, of.rank, strides);
    t.shape = shape;
    t.strides = strides;
  }
  View(const View& other) : View(other.t) {}
  View& operator=(const View&) = delete;

  // Gives every dim the stride of a dense tensor of this shape, times `unit`, but stride 0 to
  // `dim`, which counts as one element.
  void make_dense_without(uint32_t dim, int64_t unit) {
    for (uint32_t k = t.rank; k-- > 0;) {
      strides[k] = k == dim ? 0 : unit;
      if (k != dim) unit *= shape[k];
    }
  }
  void clear_strides() { std::fill_n(strides, t.rank, int64_t{0}); }

  TsrTensor t;
  int64_t shape[kMaxRank], strides[kMaxRank];
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_VIEW_H_
