// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/commands.h"

#include "tessera/backends/vulkan/audit.h"

namespace tessera::vulkan {
namespace {

constexpr VkPipelineStageFlags kWork =
    VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkAccessFlags kWrites = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
constexpr VkAccessFlags kReads = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_TRANSFER_READ_BIT;

}  // namespace

VkResult Commands::begin(VkCommandBuffer buffer, bool reusable) {
  VkCommandBufferBeginInfo info = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  info.flags = reusable ? VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT
                        : VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  if (const VkResult r = gpu_->vk().BeginCommandBuffer(buffer, &info); r != VK_SUCCESS) return r;
  buffer_ = buffer;
  size_ = 0;
  bound_ = VK_NULL_HANDLE;
  barrier();
  return VK_SUCCESS;
}

VkResult Commands::end() {
  VkMemoryBarrier all = {VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  all.srcAccessMask = kWrites;
  all.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
  gpu_->vk().CmdPipelineBarrier(buffer_, kWork, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &all, 0, nullptr,
                                0, nullptr);
  const VkResult r = gpu_->vk().EndCommandBuffer(buffer_);
  buffer_ = VK_NULL_HANDLE;
  return r;
}

void Commands::barrier() {
  VkMemoryBarrier all = {VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  all.srcAccessMask = kWrites;
  all.dstAccessMask = kReads | kWrites;
  gpu_->vk().CmdPipelineBarrier(buffer_, kWork, kWork, 0, 1, &all, 0, nullptr, 0, nullptr);
  hazards_.clear();
}

void Commands::access(std::span<const Access> accesses) {
  if (hazards_.conflict(accesses)) barrier();
  hazards_.add(accesses);
  if (audit_ != nullptr) audit_->record(buffer_, accesses);
}

void Commands::dispatch(VkPipeline pipeline, VkPipelineLayout layout, const void* push,
                        uint32_t push_bytes, Groups groups) {
  const DeviceFunctions& vk = gpu_->vk();
  if (pipeline != bound_) {
    vk.CmdBindPipeline(buffer_, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    bound_ = pipeline;
  }
  vk.CmdPushConstants(buffer_, layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, push_bytes, push);
  vk.CmdDispatch(buffer_, groups.x, groups.y, groups.z);
  ++size_;
}

void Commands::copy(VkBuffer source, uint64_t source_offset, VkBuffer target,
                    uint64_t target_offset, uint64_t bytes) {
  const VkBufferCopy region = {source_offset, target_offset, bytes};
  gpu_->vk().CmdCopyBuffer(buffer_, source, target, 1, &region);
  ++size_;
}

}  // namespace tessera::vulkan
