// SPDX-License-Identifier: Apache-2.0
//
// Vulkan's functions as tables of pointers, filled at run time: nothing is linked, so the plugin
// builds and loads on machines without Vulkan.
#ifndef TESSERA_BACKENDS_VULKAN_FUNCTIONS_H_
#define TESSERA_BACKENDS_VULKAN_FUNCTIONS_H_

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#include <string>

namespace tessera::vulkan {

#define TESSERA_VULKAN_INSTANCE_FUNCTIONS(X) \
  X(DestroyInstance)                         \
  X(EnumeratePhysicalDevices)                \
  X(GetPhysicalDeviceProperties2)            \
  X(GetPhysicalDeviceFeatures2)              \
  X(GetPhysicalDeviceMemoryProperties)       \
  X(GetPhysicalDeviceQueueFamilyProperties)  \
  X(EnumerateDeviceExtensionProperties)      \
  X(CreateDevice)                            \
  X(GetDeviceProcAddr)

#define TESSERA_VULKAN_DEVICE_FUNCTIONS(X) \
  X(DestroyDevice)                         \
  X(DeviceWaitIdle)                        \
  X(GetDeviceQueue)                        \
  X(QueueSubmit)                           \
  X(AllocateMemory)                        \
  X(FreeMemory)                            \
  X(MapMemory)                             \
  X(CreateBuffer)                          \
  X(DestroyBuffer)                         \
  X(GetBufferMemoryRequirements)           \
  X(BindBufferMemory)                      \
  X(GetBufferDeviceAddress)                \
  X(CreateSemaphore)                       \
  X(DestroySemaphore)                      \
  X(WaitSemaphores)                        \
  X(GetSemaphoreCounterValue)              \
  X(CreateCommandPool)                     \
  X(DestroyCommandPool)                    \
  X(AllocateCommandBuffers)                \
  X(FreeCommandBuffers)                    \
  X(BeginCommandBuffer)                    \
  X(EndCommandBuffer)                      \
  X(CreateShaderModule)                    \
  X(DestroyShaderModule)                   \
  X(CreatePipelineLayout)                  \
  X(DestroyPipelineLayout)                 \
  X(CreatePipelineCache)                   \
  X(DestroyPipelineCache)                  \
  X(GetPipelineCacheData)                  \
  X(CreateComputePipelines)                \
  X(DestroyPipeline)                       \
  X(CmdBindPipeline)                       \
  X(CmdPushConstants)                      \
  X(CmdDispatch)                           \
  X(CmdPipelineBarrier)                    \
  X(CmdCopyBuffer)                         \
  X(CmdFillBuffer)

#define TESSERA_VULKAN_MEMBER(name) PFN_vk##name name = nullptr;
struct InstanceFunctions {
  TESSERA_VULKAN_INSTANCE_FUNCTIONS(TESSERA_VULKAN_MEMBER)
  // Of VK_EXT_debug_utils; null without it.
  PFN_vkCreateDebugUtilsMessengerEXT CreateDebugUtilsMessenger = nullptr;
  PFN_vkDestroyDebugUtilsMessengerEXT DestroyDebugUtilsMessenger = nullptr;
  // Of VK_KHR_cooperative_matrix (cooperative_matrix.h); null where no driver has it.
  PFN_vkVoidFunction GetPhysicalDeviceCooperativeMatrixProperties = nullptr;
};

struct DeviceFunctions {
  TESSERA_VULKAN_DEVICE_FUNCTIONS(TESSERA_VULKAN_MEMBER)
};
#undef TESSERA_VULKAN_MEMBER

// The functions that need no instance.
struct Loader {
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr = nullptr;
  PFN_vkCreateInstance CreateInstance = nullptr;
  PFN_vkEnumerateInstanceVersion EnumerateInstanceVersion = nullptr;
  PFN_vkEnumerateInstanceLayerProperties EnumerateInstanceLayerProperties = nullptr;
};

// Opens the system's Vulkan loader. "" or why there is none.
std::string open_loader(Loader* loader);

// Fill a table. "" or the name of the function that is missing.
std::string load_functions(const Loader& loader, VkInstance instance, InstanceFunctions* table);
std::string load_functions(const InstanceFunctions& instance, VkDevice device,
                           DeviceFunctions* table);

// "VK_ERROR_DEVICE_LOST"
const char* result_name(VkResult result);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_FUNCTIONS_H_
