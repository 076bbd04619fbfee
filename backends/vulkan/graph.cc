// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/graph.h"

#include <algorithm>

#include "tessera/backends/plugin/status.h"

namespace tessera::vulkan {
namespace {

constexpr uint64_t kArgumentBlock = uint64_t{64} << 10;  // bytes

}  // namespace

Graph::~Graph() {
  device_->queue.wait_idle(nullptr);
  if (buffer_ != VK_NULL_HANDLE) device_->queue.free_commands(buffer_);
  for (TsrBuffer* buffer : scratch_) device_->allocator.free(buffer);
  for (Block& block : arguments_) device_->gpu.release(&block);
}

TsrStatus Graph::begin(TsrMessage* message) {
  VkResult r = device_->queue.allocate_commands(&buffer_);
  if (r == VK_SUCCESS) r = commands_.begin(buffer_, true);
  if (r == VK_SUCCESS) return TSR_OK;
  return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: a command buffer: %s",
                      result_name(r));
}

TsrStatus Graph::end(TsrMessage* message) {
  const VkResult r = commands_.end();
  if (r == VK_SUCCESS) return TSR_OK;
  return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: recording a graph: %s",
                      result_name(r));
}

TsrStatus Graph::launch(TsrMessage* message) {
  return device_->queue.submit_recorded(buffer_, "a graph", message);
}

TsrStatus Graph::arguments(uint64_t bytes, Slice* slice, TsrMessage* message) {
  const uint64_t rounded = (bytes + Ring::kAlignment - 1) / Ring::kAlignment * Ring::kAlignment;
  if (arguments_.empty() || used_ + rounded > arguments_.back().size) {
    Block block;
    const VkResult r =
        device_->gpu.allocate(std::max(kArgumentBlock, rounded), MemoryUse::kUpload, &block);
    if (r != VK_SUCCESS) {
      return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: arguments of a graph: %s",
                          result_name(r));
    }
    arguments_.push_back(block);
    used_ = 0;
  }
  const Block& block = arguments_.back();
  *slice = {block.mapped + used_, block.address + used_, block.buffer, used_};
  used_ += rounded;
  return TSR_OK;
}

}  // namespace tessera::vulkan
