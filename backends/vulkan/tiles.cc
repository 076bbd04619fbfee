// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/tiles.h"

#include <algorithm>
#include <span>

namespace tessera::vulkan {
namespace {

bool is_cpu(const PhysicalDevice& device) {
  return device.properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
}

// Vulkan does not say how many work groups run at once.
uint64_t wanted_groups(const PhysicalDevice& device) { return is_cpu(device) ? 8 : 256; }

struct Candidate {
  Tile tile;
  double speed;  // of a whole tile, per element
};

// Large register blocks hide the cost of loads from shared memory: every element that an invocation
// loads is used 8 times in blocks of 8 x 8.
constexpr Candidate kForGpus[] = {
    {{128, 128, 16, 8, 8}, 1.0}, {{64, 64, 16, 4, 4}, 0.65}, {{128, 32, 16, 4, 4}, 0.6},
    {{32, 128, 16, 4, 4}, 0.6},  {{32, 32, 16, 4, 4}, 0.45},
};

// One invocation is a lane of a SIMD register, and shared memory is read lane by lane. Compiling
// many registers takes a second or more, which products of fewer multiplications do not earn back.
constexpr Candidate kForCpus[] = {
    {{128, 128, 16, 16, 16}, 1.0}, {{64, 64, 32, 8, 8}, 0.57}, {{32, 64, 32, 8, 8}, 0.5},
    {{16, 64, 32, 8, 8}, 0.38},    {{32, 32, 32, 4, 4}, 0.27},
};
constexpr Candidate kForSmallOnCpus[] = {{{32, 32, 32, 4, 4}, 1.0}};
constexpr uint64_t kSmallOnCpus = 1 << 25;

// llvmpipe silently ends a shader's loops after 65535 rounds of all of them together; gemm.glsl
// takes up to 6 for each step of the depth.
constexpr uint64_t kMostRounds = 9000;

uint64_t quotient_up(uint64_t x, uint64_t unit) { return (x + unit - 1) / unit; }

bool fits(const PhysicalDevice& device, const Tile& tile, uint32_t value_bytes) {
  const VkPhysicalDeviceLimits& limits = device.properties.limits;
  return tile.threads() <=
             std::min(limits.maxComputeWorkGroupInvocations, limits.maxComputeWorkGroupSize[0]) &&
         uint64_t{tile.k} * (tile.m + tile.n + 8) * value_bytes <=
             limits.maxComputeSharedMemorySize;
}

}  // namespace

Tile choose_tile(const PhysicalDevice& device, uint32_t value_bytes, uint64_t batches, uint64_t m,
                 uint64_t n, uint64_t k) {
  // What every device can: 64 invocations, 6 KiB of doubles.
  Tile best = {32, 32, 8, 4, 4};
  double least = -1;
  auto consider = [&](const Candidate& candidate) {
    Tile tile = candidate.tile;
    while (tile.k > 8 && !fits(device, tile, value_bytes)) tile.k /= 2;
    if (!fits(device, tile, value_bytes)) return;
    const uint64_t groups = batches * quotient_up(m, tile.m) * quotient_up(n, tile.n);
    const double rounds =
        static_cast<double>(std::max(groups, wanted_groups(device)));  // idle groups cost too
    const double cost = rounds * tile.m * tile.n / candidate.speed;
    if (least >= 0 && cost >= least) return;
    least = cost;
    best = tile;
  };
  auto consider_all = [&](std::span<const Candidate> all) {
    for (const Candidate& candidate : all) consider(candidate);
  };
  if (!is_cpu(device)) {
    consider_all(kForGpus);
  } else if (batches * m * n * k < kSmallOnCpus) {
    consider_all(kForSmallOnCpus);
  } else {
    consider_all(kForCpus);
  }
  while (best.k > 8 && k <= best.k / 2) best.k /= 2;
  return best;
}

uint32_t choose_splits(const PhysicalDevice& device, uint64_t groups, uint64_t depth,
                       uint32_t least, uint32_t round) {
  const uint64_t wanted = wanted_groups(device) / std::max<uint64_t>(groups, 1);
  const uint64_t splits = std::clamp<uint64_t>(std::min(wanted, depth / least), 1, 64);
  if (!is_cpu(device)) return static_cast<uint32_t>(splits);
  return static_cast<uint32_t>(std::max(splits, quotient_up(depth, kMostRounds * round)));
}

}  // namespace tessera::vulkan
