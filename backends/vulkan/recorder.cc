// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/recorder.h"

#include <algorithm>
#include <cstring>

#include "tessera/backends/plugin/dtype.h"
#include "tessera/backends/plugin/status.h"

namespace tessera::vulkan {
namespace {

// The bytes from the first element of a tensor to its last.
Access extent_of(const TsrTensor& t, bool write) {
  if ((t.flags & TSR_TENSOR_IMMEDIATE) != 0) return {};
  uint64_t last = 0;
  for (uint32_t k = 0; k < t.rank; ++k) {
    if (t.shape[k] == 0) return {};
    last += static_cast<uint64_t>(t.shape[k] - 1) * static_cast<uint64_t>(t.strides[k]);
  }
  const uint64_t begin = address_of(t);
  return {begin, (last + 1) * plugin::item_size(t.dtype), write};
}

}  // namespace

Recorder::Recorder(Device* device, const TsrNode& node, TsrMessage* message)
    : device_(device),
      graph_(device->recording),
      node_(node),
      message_(message),
      accesses_(device->accesses),
      scratch_(device->scratch) {
  accesses_.clear();
  scratch_.clear();
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    accesses_.push_back(extent_of(*node.inputs[i], false));
  }
  for (uint32_t i = 0; i < node.n_outputs; ++i) {
    accesses_.push_back(extent_of(*node.outputs[i], true));
  }
  if (graph_ == nullptr) device_->queue.begin_node(node.op);
}

Recorder::~Recorder() {
  // Work that is recorded later may have the memory: it comes after this node's.
  for (TsrBuffer* buffer : scratch_) device_->allocator.free(buffer);
}

TsrStatus Recorder::finish() {
  return graph_ != nullptr ? TSR_OK : device_->queue.end_node(message_);
}

uint64_t Recorder::address(const TsrTensor& t) {
  if ((t.flags & TSR_TENSOR_IMMEDIATE) == 0) return address_of(t);
  const Slice slice = arguments(sizeof t.immediate);
  std::memcpy(slice.host, t.immediate, sizeof t.immediate);
  return slice.address;
}

uint64_t Recorder::scratch(uint64_t bytes) {
  TsrBuffer* buffer = nullptr;
  check(device_->allocator.allocate(std::max<uint64_t>(bytes, 1), &buffer, message_));
  (graph_ != nullptr ? graph_->scratch() : scratch_).push_back(buffer);
  const uint64_t begin = static_cast<Buffer*>(buffer)->address();
  accesses_.push_back({begin, bytes, true});
  registered_ = false;
  return begin;
}

Slice Recorder::arguments(uint64_t bytes) {
  Slice slice;
  check(graph_ != nullptr ? graph_->arguments(bytes, &slice, message_)
                          : device_->queue.arguments(bytes, &slice, message_));
  return slice;
}

Commands& Recorder::commands() {
  if (graph_ != nullptr) return graph_->commands();
  Commands* commands = nullptr;
  check(device_->queue.commands(&commands, message_));
  return *commands;
}

void Recorder::dispatch_bytes(const Shader& shader, std::span<const uint32_t> constants,
                              const void* push, uint32_t push_bytes, Groups groups) {
  if (groups.x == 0 || groups.y == 0 || groups.z == 0) return;
  const uint32_t* most = physical().properties.limits.maxComputeWorkGroupCount;
  if (groups.x > most[0] || groups.y > most[1] || groups.z > most[2]) {
    check(plugin::fail(message_, TSR_UNIMPLEMENTED, "%s: %s in %u x %u x %u work groups", node_.op,
                       shader.name, groups.x, groups.y, groups.z));
  }
  VkPipeline pipeline = VK_NULL_HANDLE;
  check(device_->pipelines.get(shader, constants, &pipeline, message_));
  Commands& target = commands();
  if (!registered_ || (graph_ == nullptr && epoch_ != device_->queue.submitted())) {
    target.access(accesses_);
    registered_ = true;
    epoch_ = device_->queue.submitted();
  }
  target.dispatch(pipeline, device_->pipelines.layout(), push, push_bytes, groups);
}

Groups Recorder::groups_for(uint64_t items, uint32_t per_group) const {
  const uint64_t groups = (items + per_group - 1) / per_group;
  const uint64_t most = std::min<uint64_t>(physical().properties.limits.maxComputeWorkGroupCount[0],
                                           uint64_t{1} << 30);
  if (groups <= most) return {static_cast<uint32_t>(groups), 1, 1};
  const uint64_t rows = (groups + most - 1) / most;
  // Rows of equal length waste the fewest groups.
  return {static_cast<uint32_t>((groups + rows - 1) / rows), static_cast<uint32_t>(rows), 1};
}

}  // namespace tessera::vulkan
