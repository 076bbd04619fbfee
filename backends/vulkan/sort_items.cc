// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/sort_items.h"

#include <algorithm>
#include <bit>

#include "tessera/backends/plugin/dtype.h"
#include "tessera/backends/plugin/layout.h"
#include "tessera/backends/plugin/status.h"
#include "tessera/backends/vulkan/index_items.spv.h"
#include "tessera/backends/vulkan/merge_runs.spv.h"
#include "tessera/backends/vulkan/sort_blocks.spv.h"
#include "tessera/backends/vulkan/value_items.spv.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kWord = 8;  // bytes that items consist of: the only variant of their shaders

// Items that a work group sorts: as many as 8 KiB hold.
uint32_t items_of_group(bool wide) { return wide ? 512 : 1024; }

uint32_t block_of(uint32_t pitch, bool wide) {
  return std::min(std::bit_ceil(pitch), items_of_group(wide));
}

// Shaders count items in 32 bits.
void check_count(Recorder& r, uint64_t count) {
  if (count < uint64_t{1} << 31) return;
  Recorder::check(plugin::fail(r.message(), TSR_UNIMPLEMENTED,
                               "%s: the vulkan backend sorts less than 2^31 elements at once",
                               r.node().op));
}

struct MakePush {
  uint64_t x, items, faults;
  uint32_t count, pitch, size;
  int32_t step;
  uint32_t descending, ticket;
  int32_t limit;
  StridedDims<1> dims;
};

Items make_items(Recorder& r, const TsrTensor& x, uint32_t dim, bool wide, const Shader& shader,
                 bool descending, int64_t limit) {
  View lines(x);
  lines.shape[dim] = 1;
  const uint32_t size = static_cast<uint32_t>(x.shape[dim]);
  const uint32_t block = block_of(size, wide);
  const uint64_t pitch = (uint64_t{size} + block - 1) / block * block;
  check_count(r, pitch * static_cast<uint64_t>(plugin::element_count(lines.t)));
  Items items = {0, static_cast<uint32_t>(plugin::element_count(lines.t)),
                 static_cast<uint32_t>(pitch), wide};
  items.address = r.scratch(items.bytes());
  uint64_t to = items.address;
  StridedLoop<1>(lines.t, {&lines.t}).for_each_part([&](const StridedPart<1>& part) {
    const MakePush push = {reinterpret_cast<uint64_t>(x.data) +
                               part.offsets[0] * static_cast<int64_t>(plugin::item_size(x.dtype)),
                           to,
                           r.fault_address(),
                           part.count * items.pitch,
                           items.pitch,
                           size,
                           static_cast<int32_t>(x.strides[dim]),
                           descending ? 1u : 0u,
                           r.fault_ticket(),
                           static_cast<int32_t>(limit),
                           part.dims};
    r.dispatch(shader, {part.rank}, push, r.groups_for(push.count, kThreads));
    to += uint64_t{push.count} * (wide ? 16 : 8);
  });
  r.barrier();
  return items;
}

struct SortPush {
  uint64_t items;
  uint32_t count, padding;
};

struct MergePush {
  uint64_t from, to;
  uint32_t count;
  uint32_t runs, run, pitch;
  uint32_t to_run, padding;
};

}  // namespace

Items items_of_values(Recorder& r, const TsrTensor& x, uint32_t dim, bool descending) {
  const bool wide = plugin::item_size(x.dtype) == 8;
  return make_items(r, x, dim, wide, shaders::value_items(x.dtype), descending, 0);
}

Items items_of_indices(Recorder& r, const TsrTensor& index, uint32_t dim, int64_t limit) {
  return make_items(r, index, dim, /*wide=*/false, shaders::index_items(index.dtype),
                    /*descending=*/false, limit);
}

Items sort_items(Recorder& r, Items items, uint32_t keep) {
  const uint32_t block = block_of(items.pitch, items.wide);
  const uint32_t count = items.lines * items.pitch;
  r.dispatch((items.wide ? shaders::sort_blocks_wide : shaders::sort_blocks)(kWord), {block},
             SortPush{items.address, count, 0}, r.groups_for(count, items_of_group(items.wide)));
  r.barrier();
  uint32_t runs = items.pitch / block, run = std::min(block, keep), pitch = block;
  while (runs > 1) {
    const uint32_t to_run = std::min(2 * run, keep), to_runs = (runs + 1) / 2;
    Items merged = {0, items.lines, to_runs * to_run, items.wide};
    merged.address = r.scratch(merged.bytes());
    const MergePush push = {
        items.address, merged.address, items.lines * runs * run, runs, run, pitch, to_run, 0};
    r.dispatch((items.wide ? shaders::merge_runs_wide : shaders::merge_runs)(kWord), {}, push,
               r.groups_for(push.count, kThreads));
    r.barrier();
    items = merged;
    runs = to_runs;
    run = pitch = to_run;
  }
  return items;
}

}  // namespace tessera::vulkan
