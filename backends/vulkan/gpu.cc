// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/gpu.h"

#include "tessera/backends/plugin/status.h"
#include "tessera/backends/vulkan/physical_device.h"

namespace tessera::vulkan {

using plugin::fail;

Gpu::Gpu(Instance* instance, const PhysicalDevice& physical)
    : instance_(instance), physical_(physical) {}

Gpu::~Gpu() {
  if (device_ != VK_NULL_HANDLE && functions_.DestroyDevice != nullptr) {
    functions_.DestroyDevice(device_, nullptr);
  }
}

TsrStatus Gpu::open(TsrMessage* message) {
  const float priority = 1;
  VkDeviceQueueCreateInfo queue = {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
  queue.queueFamilyIndex = physical_.queue_family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  Features features;
  const std::vector<const char*> extensions = enable_features(physical_, &features);
  VkDeviceCreateInfo info = {VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
  info.pNext = &features.base;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  const VkResult r =
      instance_->functions().CreateDevice(physical_.handle, &info, nullptr, &device_);
  if (r != VK_SUCCESS) {
    device_ = VK_NULL_HANDLE;
    return fail(message, TSR_UNAVAILABLE, "vulkan: %s cannot be opened: %s",
                physical_.properties.deviceName, result_name(r));
  }
  if (const std::string missing = load_functions(instance_->functions(), device_, &functions_);
      !missing.empty()) {
    return fail(message, TSR_UNAVAILABLE, "vulkan: the driver of %s has no %s",
                physical_.properties.deviceName, missing.c_str());
  }
  functions_.GetDeviceQueue(device_, physical_.queue_family, 0, &queue_);
  return TSR_OK;
}

VkResult Gpu::allocate(uint64_t size, MemoryUse use, Block* block) {
  Block made;
  made.size = size;
  VkBufferCreateInfo buffer = {VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  buffer.size = size;
  buffer.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  VkResult r = functions_.CreateBuffer(device_, &buffer, nullptr, &made.buffer);
  if (r != VK_SUCCESS) return r;

  VkMemoryRequirements wanted;
  functions_.GetBufferMemoryRequirements(device_, made.buffer, &wanted);
  VkMemoryAllocateFlagsInfo flags = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO};
  flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  VkMemoryAllocateInfo info = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO};
  info.pNext = &flags;
  info.allocationSize = wanted.size;
  const int type = memory_type(wanted.memoryTypeBits, use);
  info.memoryTypeIndex = static_cast<uint32_t>(type);
  r = type < 0 ? VK_ERROR_FEATURE_NOT_PRESENT
               : functions_.AllocateMemory(device_, &info, nullptr, &made.memory);
  if (r == VK_SUCCESS) {
    r = functions_.BindBufferMemory(device_, made.buffer, made.memory, 0);
  }
  if (r == VK_SUCCESS && use != MemoryUse::kDevice) {
    void* mapped = nullptr;
    r = functions_.MapMemory(device_, made.memory, 0, VK_WHOLE_SIZE, 0, &mapped);
    made.mapped = static_cast<char*>(mapped);
  }
  if (r != VK_SUCCESS) {
    release(&made);
    return r;
  }
  VkBufferDeviceAddressInfo address = {VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};
  address.buffer = made.buffer;
  made.address = functions_.GetBufferDeviceAddress(device_, &address);
  *block = made;
  return VK_SUCCESS;
}

void Gpu::release(Block* block) {
  functions_.DestroyBuffer(device_, block->buffer, nullptr);
  functions_.FreeMemory(device_, block->memory, nullptr);  // unmaps
  *block = Block();
}

int Gpu::memory_type(uint32_t allowed, MemoryUse use) const {
  constexpr VkMemoryPropertyFlags kHost =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  VkMemoryPropertyFlags needed = 0, liked = 0;
  switch (use) {
    case MemoryUse::kDevice:
      needed = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
      break;
    case MemoryUse::kUpload:
      needed = kHost;
      break;
    case MemoryUse::kDownload:
      needed = kHost;
      liked = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
      break;
  }
  int found = -1;
  for (uint32_t i = 0; i < physical_.memory.memoryTypeCount; ++i) {
    const VkMemoryPropertyFlags has = physical_.memory.memoryTypes[i].propertyFlags;
    if ((allowed & (1u << i)) == 0 || (has & needed) != needed) continue;
    if ((has & liked) == liked) return static_cast<int>(i);
    if (found < 0) found = static_cast<int>(i);
  }
  return found;
}

void Gpu::log(int32_t severity, const char* text) const {
  const TsrHost* host = instance_->host();
  if (host->log != nullptr) host->log(host->context, severity, text);
}

}  // namespace tessera::vulkan
