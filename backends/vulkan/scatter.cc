// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/scatter.h"

#include <cstring>

#include "tessera/backends/vulkan/gather.h"
#include "tessera/backends/vulkan/item_starts.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/scatter.spv.h"
#include "tessera/backends/vulkan/scatter_add.spv.h"
#include "tessera/backends/vulkan/sort_items.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

// A line of so many indices is looked through by every element of y; a longer one is sorted.
constexpr uint32_t kFew = 16;

struct StartsPush {
  uint64_t items, starts;
  uint32_t count, pitch, size, keys;
};

struct ScatterPush {
  uint64_t x, y, src, items, starts, dims;
  uint32_t count, pitch, size, targets;
  int32_t step;
  uint32_t first_line, first_target;
  uint32_t inner, lines, padding;
};

template <bool numbers>
TsrStatus check_scatter(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_indexed(node, 3, numbers, message));
  const TsrTensor &y = *node.outputs[0], &index = *node.inputs[1];
  // Every element of y may have its own beginning of items.
  if (index.rank > 0 && element_count(y) > (int64_t{1} << 30)) {
    return unsupported(node, "number of elements", message);
  }
  return TSR_OK;
}

// Items that stand sorted, and where those of each target begin.
uint64_t starts_of(Recorder& r, const Items& items, uint32_t size, uint32_t targets) {
  const uint32_t count = items.lines * (targets + 1);
  const uint64_t starts = r.scratch(uint64_t{count} * sizeof(uint32_t));
  r.dispatch(shaders::item_starts(sizeof(uint32_t)), {},
             StartsPush{items.address, starts, count, items.pitch, size, targets},
             r.groups_for(count, kThreads));
  r.barrier();
  return starts;
}

// Whether x and src, of x's shape but for `size` at dim, are dense.
bool is_plain(const TsrTensor& x, const TsrTensor& src, uint32_t dim, uint32_t size) {
  if (is_immediate(src) || src.rank != x.rank || !is_dense(x) || !is_dense(src)) return false;
  for (uint32_t k = 0; k < x.rank; ++k) {
    if (src.shape[k] != (k == dim ? size : x.shape[k])) return false;
  }
  return true;
}

// `index` has x's rank, and one line along dim for each line of `box`, or one for all of them.
// `box` is the part of y's shape that it could name.
void scatter(Recorder& r, const TsrNode& node, const View& index, const View& box,
             const Shader& shader) {
  const TsrTensor &x = *node.inputs[0], &src = *node.inputs[2], &y = *node.outputs[0];
  const uint32_t dim = static_cast<uint32_t>(node.ints[0]);
  const uint32_t size = static_cast<uint32_t>(index.shape[dim]);
  const uint32_t targets = static_cast<uint32_t>(box.shape[dim]);
  if (element_count(index.t) == 0) return move_elements(r, x, y);

  Items items = items_of_indices(r, index.t, dim, targets);
  if (element_count(y) == 0) return;
  const bool sorted = size > kFew;
  uint64_t starts = 0;
  if (sorted) {
    items = sort_items(r, items, size);
    starts = starts_of(r, items, size, targets);
  }
  if (element_count(box.t) == element_count(y) && is_plain(x, src, dim, size)) {
    const uint32_t inner = static_cast<uint32_t>(Lines(x, dim).inner);
    ScatterPush push = {address_of(x), address_of(y), address_of(src), items.address, starts};
    push.count = static_cast<uint32_t>(element_count(y));
    push.pitch = items.pitch;
    push.size = size;
    push.targets = targets;
    push.step = static_cast<int32_t>(inner);
    push.inner = inner;
    push.lines = items.lines;
    return r.dispatch(shader, {0, sorted ? 1u : 0u, 1}, push, r.groups_for(push.count, kThreads));
  }
  if (element_count(box.t) != element_count(y)) {
    move_elements(r, x, y);
    r.barrier();
  }

  View to(box), from(box), value(box), line(box), target(box);
  std::copy_n(y.strides, y.rank, to.strides);
  std::copy_n(x.strides, x.rank, from.strides);
  const bool single = is_immediate(src) || src.rank != x.rank;
  value.clear_strides();
  if (!single) std::copy_n(src.strides, src.rank, value.strides);
  const int32_t step = single ? 0 : static_cast<int32_t>(src.strides[dim]);
  value.strides[dim] = 0;
  View lines(index);
  lines.make_dense_without(dim, 1);
  for (uint32_t k = 0; k < x.rank; ++k)
    line.strides[k] = index.shape[k] == 1 ? 0 : lines.strides[k];
  target.clear_strides();
  target.strides[dim] = 1;

  const int64_t bytes = static_cast<int64_t>(plugin::item_size(x.dtype));
  const uint64_t src_address = r.address(src);
  const StridedLoop<5> loop(box.t, {&from.t, &to.t, &value.t, &line.t, &target.t});
  loop.for_each_part([&](const StridedPart<5>& part) {
    const Slice dims = r.arguments(sizeof part.dims);
    std::memcpy(dims.host, &part.dims, sizeof part.dims);
    const ScatterPush push = {address_of(x) + part.offsets[0] * bytes,
                              address_of(y) + part.offsets[1] * bytes,
                              src_address + part.offsets[2] * bytes,
                              items.address,
                              starts,
                              dims.address,
                              part.count,
                              items.pitch,
                              size,
                              targets,
                              step,
                              static_cast<uint32_t>(part.offsets[3]),
                              static_cast<uint32_t>(part.offsets[4])};
    r.dispatch(shader, {part.rank, sorted ? 1u : 0u, 0}, push, r.groups_for(part.count, kThreads));
  });
}

// x and y (X), index (I), src (I or more), I <= X but along dim
template <bool add>
void run_scatter(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &index = *node.inputs[1];
  const int64_t dim = node.ints[0];
  View box(index);
  box.shape[dim] = x.shape[dim];
  scatter(r, node, View(index), box,
          add ? shaders::scatter_add(x.dtype)
              : shaders::scatter(static_cast<uint32_t>(plugin::item_size(x.dtype))));
}

// x and y (X), index (n), src (X with n at dim)
void run_index_add(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &index = *node.inputs[1];
  const int64_t dim = node.ints[0];
  View line(x);
  std::fill_n(line.shape, x.rank, int64_t{1});
  line.clear_strides();
  line.shape[dim] = index.shape[0];
  line.strides[dim] = index.strides[0];
  line.t.data = index.data;
  line.t.dtype = index.dtype;
  scatter(r, node, line, View(x), shaders::scatter_add(x.dtype));
}

}  // namespace

std::span<const KernelEntry> scatter_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"scatter", make_kernel<check_scatter<false>, run_scatter<false>>()},
      {"scatter_add", make_kernel<check_scatter<true>, run_scatter<true>>()},
      {"index_add", make_kernel<check_scatter<true>, run_index_add>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
