// SPDX-License-Identifier: Apache-2.0
//
// One command buffer under construction, with barriers where its work depends on earlier work.
#ifndef TESSERA_BACKENDS_VULKAN_COMMANDS_H_
#define TESSERA_BACKENDS_VULKAN_COMMANDS_H_

#include <cstdint>
#include <span>

#include "tessera/backends/vulkan/gpu.h"
#include "tessera/backends/vulkan/hazards.h"

namespace tessera::vulkan {

class Audit;

struct Groups {
  uint32_t x = 1, y = 1, z = 1;
};

class Commands {
 public:
  // `audit` may be null.
  Commands(Gpu* gpu, Audit* audit) : gpu_(gpu), audit_(audit) {}

  // Starts recording into `buffer`, after everything that was submitted before.
  VkResult begin(VkCommandBuffer buffer, bool reusable);
  // Makes results visible to the host and ends recording.
  VkResult end();
  bool recording() const { return buffer_ != VK_NULL_HANDLE; }
  // Dispatches and copies so far.
  uint32_t size() const { return size_; }
  VkCommandBuffer handle() const { return buffer_; }

  // Says what the next dispatch or copy reads and writes; puts a barrier before it where that
  // depends on what was recorded before.
  void access(std::span<const Access> accesses);
  void dispatch(VkPipeline pipeline, VkPipelineLayout layout, const void* push, uint32_t push_bytes,
                Groups groups);
  void copy(VkBuffer source, uint64_t source_offset, VkBuffer target, uint64_t target_offset,
            uint64_t bytes);

  // For tests that plant a missing barrier: the next access counts as depending on nothing.
  void forget_dependencies() { hazards_.clear(); }

 private:
  void barrier();

  Gpu* gpu_;
  Audit* audit_;
  VkCommandBuffer buffer_ = VK_NULL_HANDLE;
  Hazards hazards_;
  uint32_t size_ = 0;
  VkPipeline bound_ = VK_NULL_HANDLE;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_COMMANDS_H_
