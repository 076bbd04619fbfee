// SPDX-License-Identifier: Apache-2.0
//
// VK_KHR_cooperative_matrix as far as Tessera uses it. Vulkan headers before 1.3.255 do not have
// it.
//   source: the Vulkan specification, "Cooperative Matrices", and its registry of numbers
#ifndef TESSERA_BACKENDS_VULKAN_COOPERATIVE_MATRIX_H_
#define TESSERA_BACKENDS_VULKAN_COOPERATIVE_MATRIX_H_

#include "tessera/backends/vulkan/functions.h"

namespace tessera::vulkan {

inline constexpr const char* kCooperativeMatrixExtension = "VK_KHR_cooperative_matrix";

// VkPhysicalDeviceCooperativeMatrixFeaturesKHR
struct CooperativeMatrixFeatures {
  VkStructureType type = static_cast<VkStructureType>(1000506000);
  void* next = nullptr;
  VkBool32 cooperative_matrix = VK_FALSE;
  VkBool32 robust_buffer_access = VK_FALSE;
};

// VkComponentTypeKHR, VkScopeKHR
enum : int32_t { kComponentFloat16 = 0, kComponentFloat32 = 1, kScopeSubgroup = 3 };

// VkCooperativeMatrixPropertiesKHR: the device computes A (m, k) B (k, n) + C.
struct CooperativeMatrixProperties {
  VkStructureType type = static_cast<VkStructureType>(1000506001);
  void* next = nullptr;
  uint32_t m, n, k;
  int32_t a, b, c, result;  // component types
  VkBool32 saturates;
  int32_t scope;
};

// vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR
using GetCooperativeMatrixProperties = VkResult(VKAPI_PTR*)(VkPhysicalDevice device,
                                                            uint32_t* count,
                                                            CooperativeMatrixProperties* all);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_COOPERATIVE_MATRIX_H_
