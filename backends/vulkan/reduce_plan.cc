// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/reduce_plan.h"

#include <algorithm>
#include <bit>

#include "tessera/backends/plugin/layout.h"
#include "tessera/backends/vulkan/move.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;     // of a work group
constexpr int64_t kFewElements = 4;    // of a row for each invocation, if there are no more
constexpr uint32_t kColumnLanes = 32;  // side by side in a work group that reduces columns
constexpr int64_t kWorth = 16;         // elements of each invocation that are worth a part
constexpr int64_t kMost = 2048;        // elements that an invocation adds up one after another
constexpr int64_t kEnoughGroups = 1024;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

uint32_t lanes_for(int64_t items, uint32_t most) {
  return static_cast<uint32_t>(
      std::min<uint64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(items, 1))), most));
}

// One of few, so that there are few pipelines: 1, 2, 4, 6.
uint32_t round_rank(uint32_t rank) { return rank <= 1 ? 1 : (rank + 1) / 2 * 2; }

}  // namespace

void ReducePlan::Dims::add(int64_t size, int64_t stride) {
  count *= size;
  if (size != 1) dims[rank++] = {size, stride};
}

// Makes one of neighbours that are one run.
void ReducePlan::Dims::merge() {
  uint32_t n = 0;
  for (uint32_t k = 0; k < rank; ++k) {
    if (n > 0 && dims[n - 1].stride == dims[k].stride * dims[k].size) {
      dims[n - 1] = {dims[n - 1].size * dims[k].size, dims[k].stride};
    } else {
      dims[n++] = dims[k];
    }
  }
  rank = n;
}

void ReducePlan::Dims::store(int32_t* sizes, int32_t* strides) const {
  for (uint32_t k = 0; k < kLoopDims; ++k) {
    const Dim dim = k < rank ? dims[rank - 1 - k] : Dim{1, 0};
    if (k < kLoopDims - 1) sizes[k] = static_cast<int32_t>(dim.size);
    strides[k] = static_cast<int32_t>(dim.stride);
  }
}

ReducePlan::ReducePlan(Recorder& r, const TsrTensor& x, const bool* reduced) {
  push_.x = address_of(x);
  for (uint32_t k = 0; k < x.rank; ++k) {
    (reduced[k] ? reduced_ : kept_).add(x.shape[k], x.strides[k]);
  }
  if (reduced_.count == 0) {
    // No element is looked at.
    kept_.rank = 0;
    reduced_.rank = 0;
  } else if (reduced_.count > 1) {
    // In whatever order the reduced dims are: with the least strides innermost.
    std::stable_sort(reduced_.dims, reduced_.dims + reduced_.rank,
                     [](const Dim& a, const Dim& b) { return a.stride > b.stride; });
  }
  kept_.merge();
  reduced_.merge();
  if (kept_.rank > kLoopDims || reduced_.rank > kLoopDims) {
    // Copy x to rows: one for each kept index.
    TsrTensor from = x;
    int64_t shape[kMaxRank], x_strides[kMaxRank];
    uint32_t rank = 0;
    for (const Dims* dims : {&kept_, &reduced_}) {
      for (uint32_t k = 0; k < dims->rank; ++k, ++rank) {
        shape[rank] = dims->dims[k].size;
        x_strides[rank] = dims->dims[k].stride;
      }
    }
    from.rank = rank;
    from.shape = shape;
    from.strides = x_strides;
    push_.x = dense_address(r, from);
    kept_.rank = 1;
    kept_.dims[0] = {kept_.count, reduced_.count};
    reduced_.rank = 1;
    reduced_.dims[0] = {reduced_.count, 1};
  }
  lay_out();
}

void ReducePlan::lay_out() {
  push_.kept = static_cast<uint32_t>(kept_.count);
  push_.reduced = static_cast<uint32_t>(reduced_.count);
  kept_.store(push_.kept_sizes, push_.kept_strides);
  reduced_.store(push_.reduced_sizes, push_.reduced_strides);

  rows_ = kept_.rank == 0 || (reduced_.rank > 0 && reduced_.dims[reduced_.rank - 1].stride <=
                                                       kept_.dims[kept_.rank - 1].stride);
  if (rows_) {
    reduced_lanes_ = lanes_for(ceil_div(reduced_.count, kFewElements), kThreads);
  } else {
    reduced_lanes_ = lanes_for(reduced_.count, kThreads / lanes_for(kept_.count, kColumnLanes));
  }
  const int64_t tiles = ceil_div(kept_.count, kThreads / reduced_lanes_);
  const int64_t each = ceil_div(reduced_.count, reduced_lanes_);
  int64_t parts = ceil_div(each, kMost);
  if (tiles < kEnoughGroups / 2) {
    parts = std::max(parts, std::min(each / kWorth, kEnoughGroups / std::max<int64_t>(tiles, 1)));
  }
  parts = std::max<int64_t>(parts, 1);
  push_.per_part = static_cast<uint32_t>(ceil_div(each, parts) * reduced_lanes_);
  push_.parts = static_cast<uint32_t>(
      std::max<int64_t>(ceil_div(reduced_.count, std::max<int64_t>(push_.per_part, 1)), 1));
}

void ReducePlan::dispatch(Recorder& r, const Shader& shader, bool from_partial,
                          bool to_partial) const {
  const uint64_t tiles = ceil_div(push_.kept, kThreads / reduced_lanes_);
  r.dispatch(shader,
             {round_rank(kept_.rank), round_rank(reduced_.rank), reduced_lanes_, rows_ ? 1u : 0u,
              from_partial ? 1u : 0u, to_partial ? 1u : 0u},
             push_, r.groups_for(tiles * push_.parts, 1));
}

void ReducePlan::record(Recorder& r, const Shader& shader, uint64_t y, uint32_t partial_bytes) {
  bool from_partial = false;
  while (push_.parts > 1) {
    const int64_t parts = push_.parts;
    push_.y = r.scratch(uint64_t{push_.kept} * push_.parts * partial_bytes);
    dispatch(r, shader, from_partial, /*to_partial=*/true);
    r.barrier();
    from_partial = true;
    push_.x = push_.y;
    kept_.rank = 1;
    kept_.dims[0] = {kept_.count, parts};
    reduced_.rank = 1;
    reduced_.dims[0] = {parts, 1};
    reduced_.count = parts;
    lay_out();
  }
  push_.y = y;
  dispatch(r, shader, from_partial, /*to_partial=*/false);
}

}  // namespace tessera::vulkan
