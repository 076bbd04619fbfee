// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/physical_device.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string_view>

namespace tessera::vulkan {
namespace {

// The features without which nothing works, by name.
struct Required {
  const char* name;
  VkBool32 has;
};

std::string missing_features(const Features& f) {
  const Required required[] = {
      {"bufferDeviceAddress", f.v12.bufferDeviceAddress},
      {"timelineSemaphore", f.v12.timelineSemaphore},
      {"scalarBlockLayout", f.v12.scalarBlockLayout},
      {"storageBuffer8BitAccess", f.v12.storageBuffer8BitAccess},
      {"shaderInt8", f.v12.shaderInt8},
      {"storageBuffer16BitAccess", f.v11.storageBuffer16BitAccess},
      {"shaderInt16", f.base.features.shaderInt16},
      {"shaderInt64", f.base.features.shaderInt64},
  };
  std::string missing;
  for (const Required& feature : required) {
    if (feature.has == VK_FALSE)
      missing += (missing.empty() ? "" : ", ") + std::string(feature.name);
  }
  return missing;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// The first queue family with compute, -1 if there is none.
int compute_family(const InstanceFunctions& functions, VkPhysicalDevice handle) {
  uint32_t count = 0;
  functions.GetPhysicalDeviceQueueFamilyProperties(handle, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  functions.GetPhysicalDeviceQueueFamilyProperties(handle, &count, families.data());
  for (uint32_t i = 0; i < count; ++i) {
    if ((families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) != 0) return static_cast<int>(i);
  }
  return -1;
}

[[maybe_unused]] bool has_extensions(const InstanceFunctions& functions, VkPhysicalDevice handle,
                                     std::initializer_list<std::string_view> wanted) {
  uint32_t count = 0;
  functions.EnumerateDeviceExtensionProperties(handle, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> all(count);
  functions.EnumerateDeviceExtensionProperties(handle, nullptr, &count, all.data());
  return std::all_of(wanted.begin(), wanted.end(), [&](std::string_view name) {
    return std::any_of(all.begin(), all.end(), [&](const VkExtensionProperties& extension) {
      return name == extension.extensionName;
    });
  });
}

// The largest float16 product with float32 sums that the device offers to subgroups, if shaders for
// it were compiled (glslc from 2023.5 on).
CooperativeMatrix find_cooperative_matrix(const InstanceFunctions& functions,
                                          VkPhysicalDevice handle) {
#ifdef TESSERA_COOPERATIVE_SHADERS
  const auto list = reinterpret_cast<GetCooperativeMatrixProperties>(
      functions.GetPhysicalDeviceCooperativeMatrixProperties);
  if (list == nullptr ||
      !has_extensions(functions, handle,
                      {kCooperativeMatrixExtension, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME})) {
    return {};
  }
  Features features;
  features.chain_cooperative_matrices();
  functions.GetPhysicalDeviceFeatures2(handle, &features.base);
  if (features.matrices.cooperative_matrix == VK_FALSE || features.v12.shaderFloat16 == VK_FALSE ||
      features.v12.vulkanMemoryModel == VK_FALSE ||
      features.v12.vulkanMemoryModelDeviceScope == VK_FALSE ||
      features.subgroups.subgroupSizeControl == VK_FALSE ||
      features.subgroups.computeFullSubgroups == VK_FALSE) {
    return {};
  }
  uint32_t count = 0;
  list(handle, &count, nullptr);
  std::vector<CooperativeMatrixProperties> all(count, CooperativeMatrixProperties());
  list(handle, &count, all.data());
  CooperativeMatrix best;
  for (const CooperativeMatrixProperties& one : all) {
    const bool fits = one.a == kComponentFloat16 && one.b == kComponentFloat16 &&
                      one.c == kComponentFloat32 && one.result == kComponentFloat32 &&
                      one.scope == kScopeSubgroup && one.saturates == VK_FALSE;
    if (fits && one.m * one.n * one.k > best.m * best.n * best.k) best = {one.m, one.n, one.k};
  }
  return best;
#else
  static_cast<void>(functions);
  static_cast<void>(handle);
  return {};
#endif
}

}  // namespace

std::string version_text(uint32_t version) {
  return std::to_string(VK_API_VERSION_MAJOR(version)) + "." +
         std::to_string(VK_API_VERSION_MINOR(version)) + "." +
         std::to_string(VK_API_VERSION_PATCH(version));
}

std::string describe_physical_device(const InstanceFunctions& functions, VkPhysicalDevice handle,
                                     PhysicalDevice* device) {
  device->handle = handle;
  VkPhysicalDeviceVulkan11Properties v11 = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES};
  VkPhysicalDeviceVulkan12Properties v12 = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES};
  VkPhysicalDeviceProperties2 properties = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
  functions.GetPhysicalDeviceProperties2(handle, &properties);
  device->properties = properties.properties;
  if (properties.properties.apiVersion < VK_API_VERSION_1_2) {
    return "has Vulkan " + version_text(properties.properties.apiVersion) + ", 1.2 is needed";
  }
  properties.pNext = &v11;
  v11.pNext = &v12;
  functions.GetPhysicalDeviceProperties2(handle, &properties);
  functions.GetPhysicalDeviceMemoryProperties(handle, &device->memory);

  device->driver = std::string(v12.driverName) + ": " + v12.driverInfo + ", Vulkan " +
                   version_text(properties.properties.apiVersion);
  std::memcpy(device->uuid, v11.driverUUID, VK_UUID_SIZE);
  device->max_allocation = v11.maxMemoryAllocationSize;
  device->subgroup_size = v11.subgroupSize;
  device->preserves_nan = v12.shaderSignedZeroInfNanPreserveFloat32 != VK_FALSE;
  for (uint32_t i = 0; i < device->memory.memoryHeapCount; ++i) {
    if ((device->memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0) {
      device->memory_bytes = std::max(device->memory_bytes, device->memory.memoryHeaps[i].size);
    }
  }

  Features features;
  functions.GetPhysicalDeviceFeatures2(handle, &features.base);
  device->has_float64 = features.base.features.shaderFloat64 != VK_FALSE;
  if (const std::string missing = missing_features(features); !missing.empty()) {
    return "lacks " + missing;
  }
  constexpr VkSubgroupFeatureFlags kSubgroup =
      VK_SUBGROUP_FEATURE_BASIC_BIT | VK_SUBGROUP_FEATURE_ARITHMETIC_BIT;
  if ((v11.subgroupSupportedOperations & kSubgroup) != kSubgroup ||
      (v11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT) == 0) {
    return "lacks arithmetic in subgroups";
  }
  const int family = compute_family(functions, handle);
  if (family < 0) return "has no queue for compute";
  device->queue_family = static_cast<uint32_t>(family);
  device->cooperative = find_cooperative_matrix(functions, handle);
  if (const CooperativeMatrix& matrix = device->cooperative; matrix.m != 0) {
    device->driver += ", cooperative matrices " + std::to_string(matrix.m) + "x" +
                      std::to_string(matrix.n) + "x" + std::to_string(matrix.k);
  }
  return "";
}

bool matches_wish(const PhysicalDevice& device, uint32_t index, const char* wish) {
  char* end = nullptr;
  const unsigned long number = std::strtoul(wish, &end, 10);
  if (end != wish && *end == '\0') return number == index;
  return lower(device.properties.deviceName).find(lower(wish)) != std::string::npos ||
         lower(device.driver).find(lower(wish)) != std::string::npos;
}

int preference(const PhysicalDevice& device) {
  switch (device.properties.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return 0;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return 1;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return 2;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return 4;
    default:
      return 3;
  }
}

std::vector<const char*> enable_features(const PhysicalDevice& device, Features* f) {
  f->base.features.shaderInt16 = VK_TRUE;
  f->base.features.shaderInt64 = VK_TRUE;
  f->base.features.shaderFloat64 = device.has_float64 ? VK_TRUE : VK_FALSE;
  f->v11.storageBuffer16BitAccess = VK_TRUE;
  f->v12.storageBuffer8BitAccess = VK_TRUE;
  f->v12.shaderInt8 = VK_TRUE;
  f->v12.scalarBlockLayout = VK_TRUE;
  f->v12.bufferDeviceAddress = VK_TRUE;
  f->v12.timelineSemaphore = VK_TRUE;
  if (device.cooperative.m == 0) return {};
  f->chain_cooperative_matrices();
  f->v12.shaderFloat16 = VK_TRUE;
  f->v12.vulkanMemoryModel = VK_TRUE;
  f->v12.vulkanMemoryModelDeviceScope = VK_TRUE;  // of the atomics in other shaders
  f->subgroups.subgroupSizeControl = VK_TRUE;
  f->subgroups.computeFullSubgroups = VK_TRUE;
  f->matrices.cooperative_matrix = VK_TRUE;
  return {kCooperativeMatrixExtension, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME};
}

}  // namespace tessera::vulkan
