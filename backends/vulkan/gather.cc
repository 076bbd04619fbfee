// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/gather.h"

#include "tessera/backends/vulkan/gather.spv.h"
#include "tessera/backends/vulkan/strided.h"
#include "tessera/backends/vulkan/view.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

struct GatherPush {
  uint64_t x, index, y, faults;
  uint32_t count, ticket;
  int32_t step, size;
  StridedDims<2> dims;
};

TsrStatus check_gather(const TsrNode& node, TsrMessage* message) {
  return check_indexed(node, 2, /*numbers=*/false, message);
}

// x (X), index and y (I); elements of `bytes`. Over index alone if `only_check`.
void gather(Recorder& r, const TsrTensor& x, const TsrTensor& index, const TsrTensor& y,
            uint32_t dim, uint32_t bytes, bool only_check) {
  View from(x);
  from.strides[dim] = 0;
  const TsrTensor& over = only_check ? index : y;
  uint64_t done = 0;  // elements of y
  StridedLoop<2>(over, {&from.t, &index}).for_each_part([&](const StridedPart<2>& part) {
    const GatherPush push = {address_of(x) + part.offsets[0] * bytes,
                             address_of(index) + part.offsets[1] * sizeof(int64_t),
                             address_of(y) + done * bytes,
                             r.fault_address(),
                             part.count,
                             r.fault_ticket(),
                             static_cast<int32_t>(x.strides[dim]),
                             static_cast<int32_t>(x.shape[dim]),
                             part.dims};
    r.dispatch(shaders::gather(bytes), {part.rank, only_check ? 1u : 0u}, push,
               r.groups_for(part.count, kThreads));
    done += part.count;
  });
}

void run_gather(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  gather(r, x, *node.inputs[1], y, static_cast<uint32_t>(node.ints[0]),
         static_cast<uint32_t>(plugin::item_size(x.dtype)), /*only_check=*/false);
}

// Makes elements of 8 bytes of the rows of x and y, along the last dim, if they stand so. Returns
// the bytes of an element.
uint32_t widen_rows(View* x, View* y, uint32_t dim) {
  const uint32_t bytes = static_cast<uint32_t>(plugin::item_size(x->t.dtype));
  const uint32_t last = x->t.rank - 1;
  const int64_t run = 8 / bytes;
  bool fits = dim != last && x->strides[last] == 1 && x->shape[last] % run == 0 &&
              address_of(x->t) % 8 == 0 && address_of(y->t) % 8 == 0;
  for (uint32_t k = 0; k < last; ++k) fits = fits && x->strides[k] % run == 0;
  if (!fits) return bytes;
  for (View* v : {x, y}) {
    v->shape[last] /= run;
    for (uint32_t k = 0; k < last; ++k) v->strides[k] /= run;
  }
  return 8;
}

// x (X), index (n), y (X with n at dim)
void run_index_select(Recorder& r, const TsrNode& node) {
  const uint32_t dim = static_cast<uint32_t>(node.ints[0]);
  const TsrTensor& index = *node.inputs[1];
  View x(*node.inputs[0]), y(*node.outputs[0]);
  if (element_count(y.t) == 0) {
    View all(x.t);
    for (uint32_t k = 0; k < x.t.rank; ++k) {
      if (k != dim) all.shape[k] = 1;
    }
    View line(all.t);
    line.shape[dim] = index.shape[0];
    line.clear_strides();
    line.strides[dim] = index.strides[0];
    line.t.data = index.data;
    return gather(r, all.t, line.t, y.t, dim, 8, /*only_check=*/true);
  }
  const uint32_t bytes = widen_rows(&x, &y, dim);
  View rows(y.t);  // the index for every element of y
  rows.clear_strides();
  rows.strides[dim] = index.strides[0];
  rows.t.data = index.data;
  gather(r, x.t, rows.t, y.t, dim, bytes, /*only_check=*/false);
}

}  // namespace

TsrStatus check_indexed(const TsrNode& node, uint32_t inputs, bool numbers, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  if (node.inputs[1]->dtype != TSR_INT64 || node.outputs[0]->dtype != x.dtype ||
      (inputs == 3 && node.inputs[2]->dtype != x.dtype) || (numbers && x.dtype == TSR_BOOL)) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (node.ints[0] < 0 || node.ints[0] >= x.rank) return unsupported(node, "dim", message);
  return TSR_OK;
}

std::span<const KernelEntry> gather_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"gather", make_kernel<check_gather, run_gather>()},
      {"index_select", make_kernel<check_gather, run_index_select>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
