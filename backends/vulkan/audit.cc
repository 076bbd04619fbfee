// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/audit.h"

#include <algorithm>

namespace tessera::vulkan {
namespace {

constexpr uint64_t kSink = uint64_t{1} << 20;  // bytes
constexpr uint32_t kSamples = 8;               // of a range that is read

}  // namespace

Audit::~Audit() {
  for (auto& [address, shadow] : shadows_) gpu_->release(&shadow.block);
  if (sink_.buffer != VK_NULL_HANDLE) gpu_->release(&sink_);
}

VkResult Audit::add_block(const Block& block) {
  if (sink_.buffer == VK_NULL_HANDLE) {
    if (const VkResult r = gpu_->allocate(kSink, MemoryUse::kDevice, &sink_); r != VK_SUCCESS) {
      return r;
    }
  }
  Shadow shadow;
  shadow.size = block.size;
  const VkResult r = gpu_->allocate(block.size, MemoryUse::kDevice, &shadow.block);
  if (r == VK_SUCCESS) shadows_[block.address] = shadow;
  return r;
}

void Audit::remove_block(const Block& block) {
  const auto found = shadows_.find(block.address);
  if (found == shadows_.end()) return;
  gpu_->release(&found->second.block);
  shadows_.erase(found);
}

void Audit::record(VkCommandBuffer commands, std::span<const Access> accesses) {
  // What a kernel updates in place counts as written: that conflicts with all that a read does.
  auto is_updated = [&](const Access& read) {
    return std::any_of(accesses.begin(), accesses.end(), [&](const Access& other) {
      return other.write && other.begin < read.end && read.begin < other.end;
    });
  };
  for (const bool write : {false, true}) {
    for (const Access& access : accesses) {
      if (access.write != write || access.begin >= access.end) continue;
      if (!write && is_updated(access)) continue;
      auto found = shadows_.upper_bound(access.begin);
      if (found == shadows_.begin()) continue;
      --found;
      const uint64_t offset = access.begin - found->first;
      if (offset >= found->second.size) continue;  // staging, which the layer sees itself
      const uint64_t bytes = access.end - access.begin;
      const VkBuffer buffer = found->second.block.buffer;
      if (write) {
        gpu_->vk().CmdFillBuffer(commands, buffer, offset, bytes, 0);
        continue;
      }
      VkBufferCopy regions[kSamples];
      const uint32_t samples = static_cast<uint32_t>(std::min<uint64_t>(kSamples, bytes / 4));
      for (uint32_t i = 0; i < samples; ++i) {
        const uint64_t at = samples == 1 ? 0 : (bytes / 4 - 1) * i / (samples - 1) * 4;
        regions[i] = {offset + at, sunk_, 4};
        sunk_ = (sunk_ + 4) % kSink;
      }
      gpu_->vk().CmdCopyBuffer(commands, buffer, sink_.buffer, samples, regions);
    }
  }
}

}  // namespace tessera::vulkan
