// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/random.h"

#include <cstring>

#include "tessera/backends/random/normal.h"
#include "tessera/backends/vulkan/random.spv.h"
#include "tessera/backends/vulkan/random_bits.spv.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

struct Push {
  uint64_t y, seed, offset, table;
  uint32_t count, padding;
};

using ShaderOf = const Shader& (*)(uint32_t dtype);

template <ShaderOf shader_of>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 0, 1, 2, 0, message));
  if (shader_of(node.outputs[0]->dtype).words == nullptr)
    return unsupported(node, "dtype", message);
  return check_tensors(node, message);
}

template <ShaderOf shader_of>
void run(Recorder& r, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const uint32_t count = static_cast<uint32_t>(element_count(y));
  if (count == 0) return;
  uint64_t table = 0;
  if constexpr (shader_of == shaders::random_normal) {
    const Slice memory = r.arguments(sizeof kTesseraNormalTable);
    std::memcpy(memory.host, kTesseraNormalTable, sizeof kTesseraNormalTable);
    table = memory.address;
  }
  const Push push = {address_of(y),
                     static_cast<uint64_t>(node.ints[0]),
                     static_cast<uint64_t>(node.ints[1]),
                     table,
                     count,
                     0};
  // Elements of one block of words.
  const bool wide = shader_of == shaders::random_uniform && y.dtype == TSR_FLOAT64;
  r.dispatch(shader_of(y.dtype), {}, push, r.groups_for(count, kThreads * (wide ? 2 : 4)));
}

}  // namespace

std::span<const KernelEntry> random_kernels() {
#define TESSERA_ENTRY(name) \
  {"random_" #name, make_kernel<check<shaders::random_##name>, run<shaders::random_##name>>()},
  static constexpr KernelEntry kKernels[] = {TESSERA_ENTRY(bits) TESSERA_ENTRY(uniform)
                                                 TESSERA_ENTRY(normal)};
#undef TESSERA_ENTRY
  return kKernels;
}

}  // namespace tessera::vulkan
