// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/tiles.h"

#include <algorithm>
#include <bit>

#include "gtest/gtest.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::vulkan {
namespace {

// The least that Vulkan 1.2 allows.
PhysicalDevice least_device(VkPhysicalDeviceType type) {
  PhysicalDevice device;
  device.properties.deviceType = type;
  device.properties.limits.maxComputeSharedMemorySize = 16384;
  device.properties.limits.maxComputeWorkGroupInvocations = 128;
  device.properties.limits.maxComputeWorkGroupSize[0] = 128;
  return device;
}

PhysicalDevice large_device(VkPhysicalDeviceType type) {
  PhysicalDevice device = least_device(type);
  device.properties.limits.maxComputeSharedMemorySize = 49152;
  device.properties.limits.maxComputeWorkGroupInvocations = 1024;
  device.properties.limits.maxComputeWorkGroupSize[0] = 1024;
  return device;
}

constexpr VkPhysicalDeviceType kTypes[] = {VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU,
                                           VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU,
                                           VK_PHYSICAL_DEVICE_TYPE_CPU};

// What gemm.glsl takes for granted.
void expect_valid(const PhysicalDevice& device, const Tile& tile, uint32_t value_bytes) {
  const VkPhysicalDeviceLimits& limits = device.properties.limits;
  for (uint32_t size : {tile.m, tile.n, tile.k, tile.registers_m, tile.registers_n}) {
    EXPECT_TRUE(std::has_single_bit(size)) << size;
  }
  EXPECT_GE(tile.m, tile.registers_m);
  EXPECT_GE(tile.n, tile.registers_n);
  EXPECT_LE(tile.threads(), limits.maxComputeWorkGroupInvocations);
  EXPECT_LE(tile.threads(), tile.k * std::min(tile.m, tile.n));  // each loads an element or more
  EXPECT_LE(tile.k * (tile.m + 4 + tile.n + 4) * value_bytes, limits.maxComputeSharedMemorySize);
}

TEST(TilesTest, FitTheDevice) {
  for (VkPhysicalDeviceType type : kTypes) {
    for (const PhysicalDevice& device : {least_device(type), large_device(type)}) {
      for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64}) {
        for (uint64_t m : {9, 33, 1000, 100000}) {
          for (uint64_t n : {9, 33, 1000, 100000}) {
            for (uint64_t k : {0, 9, 1000}) {
              for (uint64_t batches : {1, 64}) {
                expect_valid(device, choose_tile(device, dtype, batches, m, n, k),
                             value_bytes(dtype));
              }
            }
          }
        }
      }
    }
  }
}

TEST(TilesTest, LargeProductsGetLargeTiles) {
  const PhysicalDevice device = large_device(VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU);
  const Tile large = choose_tile(device, TSR_FLOAT32, 1, 4096, 4096, 4096);
  EXPECT_EQ(large.m, 128u);
  EXPECT_EQ(large.n, 128u);
  const Tile small = choose_tile(device, TSR_FLOAT32, 1, 64, 256, 784);
  EXPECT_EQ(small.m, 32u);
  EXPECT_EQ(small.n, 32u);
}

// The matrices and subgroups of NVIDIA, AMD, Intel and lavapipe.
TEST(TilesTest, CooperativeMatricesCoverTheTileOnce) {
  struct Kind {
    CooperativeMatrix matrix;
    uint32_t subgroup_size;
  };
  for (const Kind& kind : {Kind{{16, 16, 16}, 32}, Kind{{16, 16, 16}, 64}, Kind{{8, 16, 16}, 16},
                           Kind{{8, 8, 8}, 8}}) {
    PhysicalDevice device = large_device(VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU);
    device.subgroup_size = kind.subgroup_size;
    device.cooperative = kind.matrix;
    for (uint64_t size : {9, 64, 4096}) {
      const Tile tile = choose_tile(device, TSR_FLOAT16, 1, size, size, size);
      ASSERT_TRUE(tile.is_cooperative());
      expect_valid(device, tile, 2);
      EXPECT_EQ(tile.subgroups_m * tile.subgroups_n * kind.subgroup_size, tile.threads());
      EXPECT_EQ(tile.m % (tile.subgroups_m * kind.matrix.m), 0u);
      EXPECT_EQ(tile.n % (tile.subgroups_n * kind.matrix.n), 0u);
      EXPECT_EQ(tile.k % kind.matrix.k, 0u);
    }
    EXPECT_FALSE(choose_tile(device, TSR_FLOAT32, 1, 64, 64, 64).is_cooperative());
    EXPECT_FALSE(choose_tile(device, TSR_BFLOAT16, 1, 64, 64, 64).is_cooperative());
  }
}

TEST(TilesTest, WithoutAFittingMatrixInvocationsMultiply) {
  PhysicalDevice device = large_device(VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU);
  device.subgroup_size = 32;
  device.cooperative = {256, 256, 16};
  EXPECT_FALSE(choose_tile(device, TSR_FLOAT16, 1, 64, 64, 64).is_cooperative());
}

TEST(SplitsTest, FillTheDeviceWithPartsThatAreNotTooSmall) {
  const PhysicalDevice device = large_device(VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU);
  EXPECT_EQ(choose_splits(device, 1000, 1 << 20, 256, 1), 1u);  // enough groups
  EXPECT_EQ(choose_splits(device, 1, 100, 256, 1), 1u);         // not deep enough
  EXPECT_EQ(choose_splits(device, 1, 1024, 256, 1), 4u);
  EXPECT_EQ(choose_splits(device, 128, 1 << 20, 256, 1), 2u);
  EXPECT_EQ(choose_splits(device, 0, 0, 256, 1), 1u);
}

// A loop of more rounds would end early there.
TEST(SplitsTest, LoopsOnCpusStayShort) {
  const PhysicalDevice device = large_device(VK_PHYSICAL_DEVICE_TYPE_CPU);
  for (uint64_t depth : {1000ull, 1ull << 20, 1ull << 26}) {
    for (uint32_t round : {1, 64}) {
      const uint64_t splits = choose_splits(device, 1 << 20, depth, 256, round);
      EXPECT_LE(depth / splits / round, 9000u) << depth;
    }
  }
}

}  // namespace
}  // namespace tessera::vulkan
