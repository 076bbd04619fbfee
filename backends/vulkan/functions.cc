// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/functions.h"

#include <dlfcn.h>

namespace tessera::vulkan {

std::string open_loader(Loader* loader) {
  // Never closed: drivers leave things behind that must stay mapped.
  void* library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return std::string("no Vulkan loader: ") + (why != nullptr ? why : "libvulkan.so.1") +
           " (Debian: libvulkan1, and a driver such as mesa-vulkan-drivers)";
  }
  loader->GetInstanceProcAddr =
      reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
  if (loader->GetInstanceProcAddr == nullptr) return "libvulkan.so.1 has no vkGetInstanceProcAddr";
  const auto get = [&](const char* name) { return loader->GetInstanceProcAddr(nullptr, name); };
  loader->CreateInstance = reinterpret_cast<PFN_vkCreateInstance>(get("vkCreateInstance"));
  loader->EnumerateInstanceVersion =
      reinterpret_cast<PFN_vkEnumerateInstanceVersion>(get("vkEnumerateInstanceVersion"));
  loader->EnumerateInstanceLayerProperties =
      reinterpret_cast<PFN_vkEnumerateInstanceLayerProperties>(
          get("vkEnumerateInstanceLayerProperties"));
  if (loader->CreateInstance == nullptr || loader->EnumerateInstanceVersion == nullptr ||
      loader->EnumerateInstanceLayerProperties == nullptr) {
    return "the Vulkan loader is older than 1.1";
  }
  return "";
}

std::string load_functions(const Loader& loader, VkInstance instance, InstanceFunctions* table) {
#define TESSERA_VULKAN_LOAD(name)                                                                 \
  table->name = reinterpret_cast<PFN_vk##name>(loader.GetInstanceProcAddr(instance, "vk" #name)); \
  if (table->name == nullptr) return "vk" #name;
  TESSERA_VULKAN_INSTANCE_FUNCTIONS(TESSERA_VULKAN_LOAD)
#undef TESSERA_VULKAN_LOAD
  table->CreateDebugUtilsMessenger = reinterpret_cast<PFN_vkCreateDebugUtilsMessengerEXT>(
      loader.GetInstanceProcAddr(instance, "vkCreateDebugUtilsMessengerEXT"));
  table->DestroyDebugUtilsMessenger = reinterpret_cast<PFN_vkDestroyDebugUtilsMessengerEXT>(
      loader.GetInstanceProcAddr(instance, "vkDestroyDebugUtilsMessengerEXT"));
  table->GetPhysicalDeviceCooperativeMatrixProperties =
      loader.GetInstanceProcAddr(instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
  return "";
}

std::string load_functions(const InstanceFunctions& instance, VkDevice device,
                           DeviceFunctions* table) {
#define TESSERA_VULKAN_LOAD(name)                                                               \
  table->name = reinterpret_cast<PFN_vk##name>(instance.GetDeviceProcAddr(device, "vk" #name)); \
  if (table->name == nullptr) return "vk" #name;
  TESSERA_VULKAN_DEVICE_FUNCTIONS(TESSERA_VULKAN_LOAD)
#undef TESSERA_VULKAN_LOAD
  return "";
}

const char* result_name(VkResult result) {
  switch (result) {
#define TESSERA_VULKAN_NAME(name) \
  case name:                      \
    return #name;
    TESSERA_VULKAN_NAME(VK_SUCCESS)
    TESSERA_VULKAN_NAME(VK_NOT_READY)
    TESSERA_VULKAN_NAME(VK_TIMEOUT)
    TESSERA_VULKAN_NAME(VK_INCOMPLETE)
    TESSERA_VULKAN_NAME(VK_ERROR_OUT_OF_HOST_MEMORY)
    TESSERA_VULKAN_NAME(VK_ERROR_OUT_OF_DEVICE_MEMORY)
    TESSERA_VULKAN_NAME(VK_ERROR_INITIALIZATION_FAILED)
    TESSERA_VULKAN_NAME(VK_ERROR_DEVICE_LOST)
    TESSERA_VULKAN_NAME(VK_ERROR_MEMORY_MAP_FAILED)
    TESSERA_VULKAN_NAME(VK_ERROR_LAYER_NOT_PRESENT)
    TESSERA_VULKAN_NAME(VK_ERROR_EXTENSION_NOT_PRESENT)
    TESSERA_VULKAN_NAME(VK_ERROR_FEATURE_NOT_PRESENT)
    TESSERA_VULKAN_NAME(VK_ERROR_INCOMPATIBLE_DRIVER)
    TESSERA_VULKAN_NAME(VK_ERROR_TOO_MANY_OBJECTS)
    TESSERA_VULKAN_NAME(VK_ERROR_INVALID_SHADER_NV)
#undef TESSERA_VULKAN_NAME
    default:
      return "an error of Vulkan";
  }
}

}  // namespace tessera::vulkan
