// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/move.h"

#include "tessera/backends/plugin/dtype.h"
#include "tessera/backends/plugin/layout.h"
#include "tessera/backends/vulkan/move.spv.h"
#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

struct MovePush {
  uint64_t x, y;
  uint32_t count;
  StridedDims<2> dims;
};

}  // namespace

void move_elements(Recorder& r, const TsrTensor& x, const TsrTensor& y) {
  const int64_t size = static_cast<int64_t>(plugin::item_size(y.dtype));
  const Shader& shader = shaders::move(static_cast<uint32_t>(size));
  const uint64_t from = r.address(x);
  StridedLoop<2>(y, {&x, &y}).for_each_part([&](const StridedPart<2>& part) {
    const MovePush push = {from + part.offsets[0] * size, address_of(y) + part.offsets[1] * size,
                           part.count, part.dims};
    r.dispatch(shader, {part.rank}, push, r.groups_for(part.count, kThreads));
  });
}

uint64_t dense_address(Recorder& r, const TsrTensor& x) {
  if (plugin::is_dense(x)) return r.address(x);
  const uint64_t bytes = plugin::element_count(x) * plugin::item_size(x.dtype);
  const uint64_t address = r.scratch(bytes);
  int64_t strides[kMaxRank];
  int64_t stride = 1;
  for (uint32_t k = x.rank; k-- > 0;) {
    strides[k] = stride;
    stride *= x.shape[k];
  }
  TsrTensor dense = x;
  dense.strides = strides;
  dense.data = reinterpret_cast<void*>(address);
  dense.flags = 0;
  move_elements(r, x, dense);
  r.barrier();
  return address;
}

}  // namespace tessera::vulkan
