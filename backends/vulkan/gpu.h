// SPDX-License-Identifier: Apache-2.0
//
// An opened device: VkDevice, its one queue, and memory in blocks.
#ifndef TESSERA_BACKENDS_VULKAN_GPU_H_
#define TESSERA_BACKENDS_VULKAN_GPU_H_

#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/vulkan/instance.h"

namespace tessera::vulkan {

// What memory is for.
enum class MemoryUse {
  kDevice,    // tensors: the device's own
  kUpload,    // written by the host, read by the device
  kDownload,  // written by the device, read by the host
};

// One VkDeviceMemory under one VkBuffer.
struct Block {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  VkBuffer buffer = VK_NULL_HANDLE;
  uint64_t address = 0;    // on the device
  char* mapped = nullptr;  // for kUpload and kDownload; coherent
  uint64_t size = 0;       // bytes
};

class Gpu {
 public:
  Gpu(Instance* instance, const PhysicalDevice& physical);
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  // Makes the device. Call once, before all else.
  TsrStatus open(TsrMessage* message);

  // VK_SUCCESS, or what the driver answered; `block` is unchanged then.
  VkResult allocate(uint64_t size, MemoryUse use, Block* block);
  void release(Block* block);

  const DeviceFunctions& vk() const { return functions_; }
  VkDevice handle() const { return device_; }
  VkQueue queue() const { return queue_; }
  const PhysicalDevice& physical() const { return physical_; }
  Instance& instance() { return *instance_; }
  void log(int32_t severity, const char* text) const;

  // For tests that let the driver fail.
  DeviceFunctions& mutable_functions() { return functions_; }

 private:
  int memory_type(uint32_t allowed, MemoryUse use) const;

  Instance* instance_;
  const PhysicalDevice& physical_;
  DeviceFunctions functions_;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_GPU_H_
