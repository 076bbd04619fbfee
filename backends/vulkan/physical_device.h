// SPDX-License-Identifier: Apache-2.0
//
// Reads what a physical device can do, and decides whether that is enough.
#ifndef TESSERA_BACKENDS_VULKAN_PHYSICAL_DEVICE_H_
#define TESSERA_BACKENDS_VULKAN_PHYSICAL_DEVICE_H_

#include <string>
#include <vector>

#include "tessera/backends/vulkan/cooperative_matrix.h"
#include "tessera/backends/vulkan/instance.h"

namespace tessera::vulkan {

// "1.3.230"
std::string version_text(uint32_t version);

// Fills `device`. "" or what the device lacks.
std::string describe_physical_device(const InstanceFunctions& functions, VkPhysicalDevice handle,
                                     PhysicalDevice* device);

// Whether TESSERA_VULKAN_DEVICE=`wish` means the device that the driver lists as `index`.
bool matches_wish(const PhysicalDevice& device, uint32_t index, const char* wish);

// Devices with less come first.
int preference(const PhysicalDevice& device);

// The features that Tessera turns on, as a chain for vkCreateDevice and
// vkGetPhysicalDeviceFeatures2.
struct Features {
  VkPhysicalDeviceFeatures2 base = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
  VkPhysicalDeviceVulkan11Features v11 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES};
  VkPhysicalDeviceVulkan12Features v12 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  // Only in the chain for devices that have cooperative matrices.
  VkPhysicalDeviceSubgroupSizeControlFeaturesEXT subgroups = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT};
  CooperativeMatrixFeatures matrices;

  Features() {
    base.pNext = &v11;
    v11.pNext = &v12;
  }
  void chain_cooperative_matrices() {
    v12.pNext = &subgroups;
    subgroups.pNext = &matrices;
  }
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;
};

// Sets in `features` what Tessera uses of `device`; returns the extensions that they belong to.
std::vector<const char*> enable_features(const PhysicalDevice& device, Features* features);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_PHYSICAL_DEVICE_H_
