// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/sort.h"

#include "tessera/backends/vulkan/sort_items.h"
#include "tessera/backends/vulkan/sorted_lines.spv.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

struct SortedPush {
  uint64_t x, items, values, indices;
  uint32_t count;
  int32_t step;
  StridedDims<2> dims;
};

template <uint32_t ints, uint32_t dim_at>
TsrStatus check_sort(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 2, ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  if (x.dtype != node.outputs[0]->dtype || node.outputs[1]->dtype != TSR_INT64) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (node.ints[dim_at] < 0 || node.ints[dim_at] >= x.rank) {
    return unsupported(node, "dim", message);
  }
  return TSR_OK;
}

// Writes the first values.shape[dim] elements of every line of x along dim, sorted, and where they
// were.
void sort_lines(Recorder& r, const TsrNode& node, uint32_t dim, bool descending) {
  const TsrTensor &x = *node.inputs[0], &values = *node.outputs[0];
  if (element_count(values) == 0) return;
  const Items items = sort_items(r, items_of_values(r, x, dim, descending),
                                 static_cast<uint32_t>(values.shape[dim]));
  View from(x), order(values);
  from.strides[dim] = 0;
  order.make_dense_without(dim, items.pitch);
  order.strides[dim] = 1;
  const uint32_t bytes = static_cast<uint32_t>(plugin::item_size(x.dtype));
  uint64_t done = 0;
  StridedLoop<2>(values, {&from.t, &order.t}).for_each_part([&](const StridedPart<2>& part) {
    const SortedPush push = {address_of(x) + part.offsets[0] * bytes,
                             items.address + part.offsets[1] * (items.wide ? 16 : 8),
                             address_of(values) + done * bytes,
                             address_of(*node.outputs[1]) + done * sizeof(int64_t),
                             part.count,
                             static_cast<int32_t>(x.strides[dim]),
                             part.dims};
    r.dispatch((items.wide ? shaders::sorted_lines_wide : shaders::sorted_lines)(bytes),
               {part.rank}, push, r.groups_for(part.count, kThreads));
    done += part.count;
  });
}

// ints: dim, descending
void run_sort(Recorder& r, const TsrNode& node) {
  sort_lines(r, node, static_cast<uint32_t>(node.ints[0]), node.ints[1] != 0);
}

// ints: k, dim, largest, sorted. Sorted whatever `sorted` says.
void run_topk(Recorder& r, const TsrNode& node) {
  sort_lines(r, node, static_cast<uint32_t>(node.ints[1]), node.ints[2] != 0);
}

}  // namespace

std::span<const KernelEntry> sort_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"sort", make_kernel<check_sort<2, 0>, run_sort>()},
      {"topk", make_kernel<check_sort<4, 1>, run_topk>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
