// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/instance.h"

#include <cstdlib>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/physical_device.h"

namespace tessera::vulkan {
namespace {

const TsrHost kHost = {sizeof(TsrHost), nullptr, nullptr, nullptr, nullptr, 1, 0};

TEST(InstanceTest, ListsDevicesBestFirst) {
  const Instance instance(&kHost);
  ASSERT_FALSE(instance.devices().empty()) << instance.why();
  EXPECT_EQ(instance.why(), "");
  for (size_t i = 1; i < instance.devices().size(); ++i) {
    EXPECT_LE(preference(instance.devices()[i - 1]), preference(instance.devices()[i]));
  }
  EXPECT_GT(instance.devices()[0].memory_bytes, 0u);
  EXPECT_GT(instance.devices()[0].subgroup_size, 0u);
}

TEST(InstanceTest, TheVariableChoosesByPartOfTheName) {
  const std::string name = Instance(&kHost).devices().at(0).properties.deviceName;
  setenv("TESSERA_VULKAN_DEVICE", name.substr(1, 4).c_str(), 1);
  EXPECT_EQ(Instance(&kHost).devices().at(0).properties.deviceName, name);
  unsetenv("TESSERA_VULKAN_DEVICE");
}

TEST(InstanceTest, AWishThatNothingFulfilsIsSaid) {
  for (const char* wish : {"no such card", "77"}) {
    setenv("TESSERA_VULKAN_DEVICE", wish, 1);
    const Instance instance(&kHost);
    EXPECT_TRUE(instance.devices().empty());
    EXPECT_NE(instance.why().find(std::string("TESSERA_VULKAN_DEVICE asks for '") + wish + "'"),
              std::string::npos)
        << instance.why();
  }
  unsetenv("TESSERA_VULKAN_DEVICE");
}

TEST(InstanceTest, WithoutADriverItSaysSo) {
  setenv("VK_ICD_FILENAMES", "/nonexistent.json", 1);
  setenv("VK_DRIVER_FILES", "/nonexistent.json", 1);
  const Instance instance(&kHost);
  EXPECT_TRUE(instance.devices().empty());
  EXPECT_NE(instance.why().find("driver"), std::string::npos) << instance.why();
  unsetenv("VK_ICD_FILENAMES");
  unsetenv("VK_DRIVER_FILES");
}

}  // namespace
}  // namespace tessera::vulkan
