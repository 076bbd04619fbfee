// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/copy.h"

#include "tessera/backends/vulkan/arange.spv.h"
#include "tessera/backends/vulkan/copy.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

struct CopyPush {
  uint64_t x, y;
  uint32_t count;
  StridedDims<2> dims;
};

using ShaderOf = const Shader& (*)(uint32_t dtype);

// By the dtype that is read.
constexpr ShaderOf kCopy[plugin::kDtypeCount] = {
    nullptr,
    shaders::copy_from_f32,
    shaders::copy_from_f64,
    shaders::copy_from_f16,
    shaders::copy_from_bf16,
    shaders::copy_from_i32,
    shaders::copy_from_i64,
    shaders::copy_from_u8,
    shaders::copy_from_bool,
};

TsrStatus check_copy(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 0, 0, message));
  if (plugin::item_size(node.inputs[0]->dtype) == 0 ||
      plugin::item_size(node.outputs[0]->dtype) == 0) {
    return unsupported(node, "dtype", message);
  }
  return TSR_OK;
}

void run_copy(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  if (x.dtype == y.dtype) return move_elements(r, x, y);
  const Shader& shader = kCopy[x.dtype](y.dtype);
  const uint64_t from = r.address(x);
  StridedLoop<2>(y, {&x, &y}).for_each_part([&](const StridedPart<2>& part) {
    const CopyPush push = {from + part.offsets[0] * plugin::item_size(x.dtype),
                           address_of(y) + part.offsets[1] * plugin::item_size(y.dtype), part.count,
                           part.dims};
    r.dispatch(shader, {part.rank}, push, r.groups_for(part.count, kThreads));
  });
}

struct ArangePush {
  uint64_t start, step, y;
  uint32_t count, padding;
};

TsrStatus check_arange(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (shaders::arange(dtype).words == nullptr || node.inputs[0]->dtype != dtype ||
      node.inputs[1]->dtype != dtype) {
    return unsupported(node, "dtype", message);
  }
  return TSR_OK;
}

void run_arange(Recorder& r, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const uint32_t count = static_cast<uint32_t>(element_count(y));
  const ArangePush push = {r.address(*node.inputs[0]), r.address(*node.inputs[1]), address_of(y),
                           count, 0};
  const Shader& shader =
      r.physical().has_float64 ? shaders::arange(y.dtype) : shaders::arange_narrow(y.dtype);
  r.dispatch(shader, {}, push, r.groups_for(count, kThreads));
}

}  // namespace

std::span<const KernelEntry> copy_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"copy", make_kernel<check_copy, run_copy>()},
      {"arange", make_kernel<check_arange, run_arange>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
