// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/scan.h"

#include <algorithm>

#include "tessera/backends/vulkan/scan.spv.h"
#include "tessera/backends/vulkan/view.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kGroupBlock = 1024;    // elements that a work group scans at once
constexpr uint32_t kColumnPart = 256;     // elements of an invocation that are worth a part
constexpr uint32_t kMostColumn = 2048;    // elements that an invocation adds one after another
constexpr uint32_t kManyLines = 1 << 16;  // invocations that keep a device busy

using ShaderOf = const Shader& (*)(uint32_t dtype);

struct ScanPush {
  uint64_t x, y, totals;
  uint32_t lines, size, per_part, parts;
  int32_t step;
  uint32_t inner, first_line;
  StridedDims<1> dims;
};

// Lines that are scanned by one sequence of dispatches.
struct Scan {
  ScanPush push;
  uint32_t rank;
  uint32_t part_bytes;  // of a total
};

TsrStatus check_scan(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  if (x.dtype != node.outputs[0]->dtype || x.dtype == TSR_BOOL) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (node.ints[0] < 0 || node.ints[0] >= x.rank) return unsupported(node, "dim", message);
  return TSR_OK;
}

uint32_t ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

void dispatch(Recorder& r, const Shader& shader, const Scan& scan, bool rows, bool totals,
              bool of_totals) {
  const ScanPush& push = scan.push;
  const uint64_t units = uint64_t{push.lines} * push.parts;
  r.dispatch(shader, {scan.rank, rows ? 1u : 0u, totals ? 1u : 0u, of_totals ? 1u : 0u}, push,
             r.groups_for(units, rows ? 1 : kThreads));
}

void record(Recorder& r, const Shader& shader, Scan scan, bool of_totals) {
  ScanPush& push = scan.push;
  // Lines that stand apart and are long go to work groups, others to invocations, side by side.
  const bool rows = push.inner < 16 && push.size >= 64;
  if (rows) {
    const uint32_t blocks = ceil_div(push.size, kGroupBlock);
    const uint32_t wanted = std::max(1u, kManyLines / kThreads / push.lines);
    push.per_part = ceil_div(blocks, std::min(blocks, wanted)) * kGroupBlock;
  } else {
    const uint32_t wanted = std::max(1u, kManyLines / push.lines);
    push.per_part = std::max(kColumnPart, ceil_div(push.size, wanted));
    push.per_part = std::min(push.per_part, kMostColumn);
  }
  push.parts = ceil_div(push.size, push.per_part);
  if (push.parts > 1) {
    push.totals = r.scratch(uint64_t{push.lines} * push.parts * scan.part_bytes);
    dispatch(r, shader, scan, rows, /*totals=*/true, of_totals);
    r.barrier();
    Scan totals = scan;
    totals.push.x = push.totals;
    totals.push.y = r.scratch(uint64_t{push.lines} * push.parts * scan.part_bytes);
    totals.push.size = push.parts;
    totals.push.step = 1;
    totals.push.inner = 1;
    totals.push.first_line = 0;
    totals.push.dims = {};
    std::fill_n(totals.push.dims.sizes, kLoopDims - 1, 1);
    totals.push.dims.sizes[0] = static_cast<int32_t>(push.lines);
    totals.push.dims.strides[0][0] = static_cast<int32_t>(push.parts);
    totals.rank = 2;
    record(r, shader, totals, /*of_totals=*/true);
    r.barrier();
    push.totals = totals.push.y;
  }
  dispatch(r, shader, scan, rows, /*totals=*/false, of_totals);
}

// x and y (outer, size, inner); ints: dim
template <ShaderOf shader>
void run_scan(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  if (element_count(y) == 0) return;
  const uint32_t dim = static_cast<uint32_t>(node.ints[0]);
  const Lines shape(x, dim);
  const int64_t bytes = static_cast<int64_t>(plugin::item_size(x.dtype));
  View lines(x);
  lines.shape[dim] = 1;
  uint32_t done = 0;  // lines
  StridedLoop<1>(lines.t, {&lines.t}).for_each_part([&](const StridedPart<1>& part) {
    Scan scan = {};
    scan.rank = part.rank;
    scan.part_bytes = bytes == 8 ? 8 : 4;
    scan.push.x = address_of(x) + part.offsets[0] * bytes;
    scan.push.y = address_of(y);
    scan.push.lines = part.count;
    scan.push.size = static_cast<uint32_t>(shape.size);
    scan.push.step = static_cast<int32_t>(x.strides[dim]);
    scan.push.inner = static_cast<uint32_t>(shape.inner);
    scan.push.first_line = done;
    scan.push.dims = part.dims;
    record(r, shader(x.dtype), scan, /*of_totals=*/false);
    done += part.count;
  });
}

}  // namespace

std::span<const KernelEntry> scan_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"cumsum", make_kernel<check_scan, run_scan<shaders::scan_sum>>()},
      {"cumprod", make_kernel<check_scan, run_scan<shaders::scan_prod>>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
