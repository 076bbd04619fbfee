// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/allocator.h"

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/test_device.h"

namespace tessera::vulkan {
namespace {

TEST(AllocatorTest, SteadyStateAsksTheDriverForNothing) {
  TestDevice device;
  uint64_t before = 0;
  for (int step = 0; step < 10; ++step) {
    std::vector<Buffer*> live;
    for (uint64_t n : {1000, 70000, 12, 1000, 300000}) live.push_back(device.floats(n));
    for (Buffer* b : live) device->allocator.free(b);
    if (step == 0) before = device->allocator.stats().system_allocations;
  }
  EXPECT_EQ(device->allocator.stats().system_allocations, before);
  EXPECT_EQ(device->allocator.stats().bytes_in_use, 0u);
}

TEST(AllocatorTest, SmallBuffersShareABlock) {
  TestDevice device;
  std::vector<Buffer*> live;
  for (int i = 0; i < 1000; ++i) live.push_back(device.floats(100));
  EXPECT_LE(device->allocator.stats().system_allocations, 1u);
  for (Buffer* b : live) device->allocator.free(b);
}

TEST(AllocatorTest, TrimGivesEverythingFreeBack) {
  TestDevice device;
  Buffer *small = device.floats(10), *large = device.floats(20 << 20);
  EXPECT_GE(device->allocator.stats().bytes_reserved, 80u << 20);
  device->allocator.free(large);
  device->allocator.trim();
  EXPECT_LT(device->allocator.stats().bytes_reserved, 8u << 20);
  EXPECT_GT(device->allocator.stats().bytes_reserved, 0u);
  device->allocator.free(small);
  device->allocator.trim();
  EXPECT_EQ(device->allocator.stats().bytes_reserved, 0u);
}

TEST(AllocatorTest, WhatWasCachedServesOtherSizesBeforeTheDriverIsAsked) {
  TestDevice device;
  std::vector<Buffer*> live;
  for (int i = 0; i < 64; ++i) live.push_back(device.floats(8 << 10));
  for (Buffer* b : live) device->allocator.free(b);
  const uint64_t reserved = device->allocator.stats().bytes_reserved;
  Buffer* b = device.floats(400 << 10);
  EXPECT_EQ(device->allocator.stats().bytes_reserved, reserved);
  device->allocator.free(b);
}

VkResult no_memory(VkDevice, const VkMemoryAllocateInfo*, const VkAllocationCallbacks*,
                   VkDeviceMemory*) {
  return VK_ERROR_OUT_OF_DEVICE_MEMORY;
}

TEST(AllocatorTest, OutOfMemoryIsAStatusAndPasses) {
  TestDevice device;
  PFN_vkAllocateMemory& allocate = device->gpu.mutable_functions().AllocateMemory;
  const PFN_vkAllocateMemory sound = allocate;
  allocate = no_memory;
  TsrBuffer* buffer = nullptr;
  const Outcome refused = TestDevice::run(
      [&](TsrMessage* m) { return device->allocator.allocate(100 << 20, &buffer, m); });
  EXPECT_EQ(refused.status, TSR_RESOURCE_EXHAUSTED);
  EXPECT_NE(refused.text.find("104857600 bytes wanted, 0 in use"), std::string::npos)
      << refused.text;
  allocate = sound;
  Buffer* b = device.floats(100);
  device->allocator.free(b);
}

// When the driver has no more, what lies unused in other blocks is given back to it first.
TEST(AllocatorTest, UnusedBlocksMakeRoomForALargeOne) {
  TestDevice device;
  const uint64_t memory = device->gpu.physical().memory_bytes;
  const uint64_t most = std::min(device->gpu.physical().max_allocation, memory);
  if (most < (uint64_t{1} << 30) || memory > (uint64_t{4} << 30)) {
    GTEST_SKIP() << "the device has another amount of memory";
  }
  TsrBuffer* first = nullptr;
  ASSERT_EQ(device->allocator.allocate(memory / 2, &first, nullptr), TSR_OK);
  device->allocator.free(first);
  TsrBuffer* second = nullptr;
  ASSERT_EQ(device->allocator.allocate(memory / 2 + (64 << 20), &second, nullptr), TSR_OK);
  device->allocator.free(second);
}

}  // namespace
}  // namespace tessera::vulkan
