// SPDX-License-Identifier: Apache-2.0
//
// A block's tile of a product: kTile rows by kTile columns, kTileDepth deep at a time, from what
// two loaders give. While one step is multiplied the next one's elements are on their way from
// memory.
//
//   TileSums<Acc> sums;
//   multiply_tiles<Acc, columns_apart>(steps, sums, load_a, load_b);
//   sums.for_each([&](uint32_t row, uint32_t column, Acc sum) { .. });
//
// load_a(step, values): elements (row(j), depth()) of the left operand's step, j < kTileLoads, as
// AlongDepth numbers them; load_b likewise elements (depth, column) of the right one's, as
// AlongDepth or AcrossDepth. What is outside of the operands is 0.
//
// A thread has 4 x 4 sums, and per element of depth reads 4 + 4 values for 16 products: a warp's
// reads are two wavefronts or less for what takes the arithmetic units four cycles.
#ifndef TESSERA_BACKENDS_CUDA_TILE_PRODUCT_H_
#define TESSERA_BACKENDS_CUDA_TILE_PRODUCT_H_

#include <cstdint>

#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

inline constexpr uint32_t kTile = 64;
inline constexpr uint32_t kTileDepth = 16;
inline constexpr uint32_t kTileThreads = 256;
inline constexpr uint32_t kTileLoads = kTile * kTileDepth / kTileThreads;  // of a thread, per step
inline constexpr uint32_t kTilePitch = kTile + 4;  // keeps rows aligned, and depths in other banks
inline constexpr int64_t kTileChain = 16;  // steps that are summed by themselves: a shorter error

// Which elements of a step a thread loads: neighbours are neighbours along the depth...
struct AlongDepth {
  static __device__ __forceinline__ uint32_t depth(uint32_t) { return threadIdx.x % kTileDepth; }
  static __device__ __forceinline__ uint32_t place(uint32_t j) {
    return threadIdx.x / kTileDepth + j * (kTileThreads / kTileDepth);
  }
};
// ... or along the rows or columns.
struct AcrossDepth {
  static __device__ __forceinline__ uint32_t depth(uint32_t j) {
    return threadIdx.x / kTile + j * (kTileThreads / kTile);
  }
  static __device__ __forceinline__ uint32_t place(uint32_t) { return threadIdx.x % kTile; }
};

template <class Acc>
struct TileSums {
  static constexpr uint32_t kSide = 4;
  Acc sums[kSide][kSide] = {};

  // A warp has 16 rows, of which a thread has 4 neighbours, and 32 columns, of which it has every
  // eighth.
  static __device__ __forceinline__ uint32_t first_row() {
    const uint32_t warp = threadIdx.x / kWarpSize, lane = threadIdx.x % kWarpSize;
    return warp / 2 * 16 + lane / 8 * kSide;
  }
  static __device__ __forceinline__ uint32_t column(uint32_t j) {
    const uint32_t warp = threadIdx.x / kWarpSize, lane = threadIdx.x % kWarpSize;
    return warp % 2 * 32 + lane % 8 + j * 8;
  }

  template <class F>
  __device__ __forceinline__ void for_each(F f) const {
    for (uint32_t i = 0; i < kSide; ++i) {
      for (uint32_t j = 0; j < kSide; ++j) f(first_row() + i, column(j), sums[i][j]);
    }
  }
};

template <class Acc>
struct alignas(4 * sizeof(Acc)) FourRows {
  Acc values[4];
};

template <class Acc, class BPlaces, class LoadA, class LoadB>
__device__ __forceinline__ void multiply_tiles(int64_t steps, TileSums<Acc>& tile, LoadA load_a,
                                               LoadB load_b) {
  using Buffers = Acc[2][kTileDepth][kTilePitch];
  TESSERA_SHARED(Buffers, a_tiles);
  TESSERA_SHARED(Buffers, b_tiles);
  Acc a_next[kTileLoads], b_next[kTileLoads];
  const auto put = [&](uint32_t buffer) {
    for (uint32_t j = 0; j < kTileLoads; ++j) {
      a_tiles[buffer][AlongDepth::depth(j)][AlongDepth::place(j)] = a_next[j];
      b_tiles[buffer][BPlaces::depth(j)][BPlaces::place(j)] = b_next[j];
    }
  };
  if (steps > 0) {
    load_a(int64_t{0}, a_next);
    load_b(int64_t{0}, b_next);
    put(0);
  }
  __syncthreads();
  const uint32_t row = TileSums<Acc>::first_row();
  Acc recent[TileSums<Acc>::kSide][TileSums<Acc>::kSide] = {};
  for (int64_t step = 0; step < steps; ++step) {
    const uint32_t buffer = step % 2;
    const bool more = step + 1 < steps;
    if (more) {
      load_a(step + 1, a_next);
      load_b(step + 1, b_next);
    }
    TESSERA_UNROLL for (uint32_t k = 0; k < kTileDepth; ++k) {
      const auto a = *reinterpret_cast<const FourRows<Acc>*>(&a_tiles[buffer][k][row]);
      Acc b[TileSums<Acc>::kSide];
      for (uint32_t j = 0; j < TileSums<Acc>::kSide; ++j) {
        b[j] = b_tiles[buffer][k][TileSums<Acc>::column(j)];
      }
      for (uint32_t i = 0; i < TileSums<Acc>::kSide; ++i) {
        for (uint32_t j = 0; j < TileSums<Acc>::kSide; ++j) {
          recent[i][j] += a.values[i] * b[j];
        }
      }
    }
    if (!more || step % kTileChain == kTileChain - 1) {
      for (uint32_t i = 0; i < TileSums<Acc>::kSide; ++i) {
        for (uint32_t j = 0; j < TileSums<Acc>::kSide; ++j) {
          tile.sums[i][j] += recent[i][j];
          recent[i][j] = 0;
        }
      }
    }
    if (more) put(1 - buffer);
    __syncthreads();
  }
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_TILE_PRODUCT_H_
