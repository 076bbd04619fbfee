// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/tiles.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "tessera/backends/abi/tessera_plugin.h"

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

// Products of cooperative matrices: the sums go through shared memory, of which a tile of 128 x 128
// would take 64 KiB.
constexpr Candidate kCooperative[] = {
    {{64, 64, 32, 4, 8}, 1.0},
    {{32, 32, 32, 4, 4}, 0.5},
};

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

// Lays the tile out for the device's cooperative matrices, if it can be.
bool make_cooperative(const PhysicalDevice& device, Tile* tile) {
  const CooperativeMatrix& matrix = device.cooperative;
  const VkPhysicalDeviceLimits& limits = device.properties.limits;
  const uint32_t threads = tile->threads();
  if (tile->m % matrix.m != 0 || tile->n % matrix.n != 0 || tile->k % matrix.k != 0 ||
      threads % device.subgroup_size != 0 || threads > limits.maxComputeWorkGroupInvocations ||
      uint64_t{2} * tile->k * (tile->m + tile->n + 16) + uint64_t{4} * tile->m * (tile->n + 4) >
          limits.maxComputeSharedMemorySize) {
    return false;
  }
  // As square a block for each subgroup as there is.
  uint32_t rows = tile->m / matrix.m, columns = tile->n / matrix.n;
  tile->subgroups_m = tile->subgroups_n = 1;
  for (uint32_t left = threads / device.subgroup_size; left > 1; left /= 2) {
    if (left % 2 != 0 || rows * columns < 2) return false;
    uint32_t& longer = rows > columns ? rows : columns;
    if (longer % 2 != 0) return false;
    (rows > columns ? tile->subgroups_m : tile->subgroups_n) *= 2;
    longer /= 2;
  }
  tile->matrix = matrix;
  return true;
}

// TESSERA_VULKAN_TILE, or a tile of 0 x 0.
Tile tile_of_environment() {
  const char* text = std::getenv("TESSERA_VULKAN_TILE");
  Tile tile = {};
  if (text == nullptr || std::sscanf(text, "%ux%ux%ux%ux%u", &tile.m, &tile.n, &tile.k,
                                     &tile.registers_m, &tile.registers_n) != 5) {
    return {};
  }
  return tile;
}

}  // namespace

uint32_t value_bytes(uint32_t dtype) { return dtype == TSR_FLOAT64 || dtype == TSR_INT64 ? 8 : 4; }

GemmConstants gemm_constants(const Tile& tile, bool a_along_depth, bool b_along_depth) {
  GemmConstants all = {tile.threads(),   tile.m,           tile.n,        tile.k,
                       tile.registers_m, tile.registers_n, a_along_depth, b_along_depth};
  all[15] = tile.matrix.m;
  all[16] = tile.matrix.n;
  all[17] = tile.matrix.k;
  all[18] = tile.subgroups_m;
  all[19] = tile.subgroups_n;
  return all;
}

Tile choose_tile(const PhysicalDevice& device, uint32_t dtype, uint64_t batches, uint64_t m,
                 uint64_t n, uint64_t k) {
  const uint32_t bytes = value_bytes(dtype);
  bool cooperative = device.cooperative.m != 0 && dtype == TSR_FLOAT16;
  // What every device can: 64 invocations, 6 KiB of doubles.
  Tile best = {32, 32, 8, 4, 4};
  double least = -1;
  auto consider = [&](const Candidate& candidate) {
    Tile tile = candidate.tile;
    if (cooperative) {
      if (!make_cooperative(device, &tile)) return;
    } else {
      while (tile.k > 8 && !fits(device, tile, bytes)) tile.k /= 2;
      if (!fits(device, tile, bytes)) return;
    }
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
  if (cooperative) {
    consider_all(kCooperative);
    if (best.is_cooperative()) return best;
    cooperative = false;
  }
  static const Tile wish = tile_of_environment();
  if (wish.m != 0 && fits(device, wish, bytes)) return wish;
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
