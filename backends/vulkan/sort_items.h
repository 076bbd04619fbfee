// SPDX-License-Identifier: Apache-2.0
//
// Sorts lines of items (items.glsl) in scratch memory: blocks in shared memory, then merges.
#ifndef TESSERA_BACKENDS_VULKAN_SORT_ITEMS_H_
#define TESSERA_BACKENDS_VULKAN_SORT_ITEMS_H_

#include <cstdint>

#include "tessera/backends/vulkan/recorder.h"
#include "tessera/backends/vulkan/view.h"

namespace tessera::vulkan {

struct Items {
  uint64_t address = 0;
  uint32_t lines = 0;
  uint32_t pitch = 0;  // items from one line to the next
  bool wide = false;   // of 16 bytes, not 8

  uint64_t bytes() const { return uint64_t{lines} * pitch * (wide ? 16 : 8); }
};

// The items of x's lines along `dim`, ready to be sorted. x has elements.
Items items_of_values(Recorder& r, const TsrTensor& x, uint32_t dim, bool descending);

// The same of indices, whose key they are. The node fails with TSR_OUT_OF_RANGE if one is not in
// [0, limit); such an item equals no key.
Items items_of_indices(Recorder& r, const TsrTensor& index, uint32_t dim, int64_t limit);

// Sorts every line. At least the first `keep` items of each are there afterwards.
Items sort_items(Recorder& r, Items items, uint32_t keep);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_SORT_ITEMS_H_
