// SPDX-License-Identifier: Apache-2.0
//
// A block's tile of a product: kTile rows by kTile columns, kTileDepth deep at a time, from what
// two loaders give. While one step is multiplied the next one's elements are on their way from
// memory.
//
//   TESSERA_SHARED(TileBuffers<Acc>, buffers);
//   TileSums<Acc> tile;
//   multiply_tiles<AcrossDepth>(buffers, steps, tile, load_a, load_b);
//   tile.for_each([&](uint32_t row, uint32_t column, Acc sum) { .. });
//
// load_a(step, values): elements (row, depth) of the left operand's step, kTileLoads of them, as
// AlongDepth numbers them; load_b likewise elements (depth, column) of the right one's, as the
// template argument numbers them. What is outside of the operands is 0.
//
// A thread has 4 x 4 sums, and per element of depth reads 4 + 4 values for 16 products: a warp's
// reads are five wavefronts at most for what takes the arithmetic units sixteen issues.
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

  // Adds `other`, and sets it to 0.
  __device__ __forceinline__ void take(TileSums& other) {
    TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
      TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) {
        sums[i][j] += other.sums[i][j];
        other.sums[i][j] = 0;
      }
    }
  }

  template <class F>
  __device__ __forceinline__ void for_each(F f) const {
    TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
      TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) f(first_row() + i, column(j), sums[i][j]);
    }
  }
};

template <class Acc>
struct alignas(4 * sizeof(Acc)) FourRows {
  Acc values[4];
};

template <class Acc>
using TileSteps = Acc[kTileDepth][kTilePitch];
template <class Acc>
struct TileBuffers {
  TileSteps<Acc> a[2], b[2];
};

// Adds one step to `recent`.
template <class Acc>
__device__ __forceinline__ void multiply_step(const TileSteps<Acc>& a, const TileSteps<Acc>& b,
                                              TileSums<Acc>& recent) {
  const uint32_t row = TileSums<Acc>::first_row();
  TESSERA_UNROLL for (uint32_t k = 0; k < kTileDepth; ++k) {
    const auto left = *reinterpret_cast<const FourRows<Acc>*>(&a[k][row]);
    Acc right[TileSums<Acc>::kSide];
    TESSERA_UNROLL for (uint32_t j = 0; j < TileSums<Acc>::kSide; ++j) right[j] =
        b[k][TileSums<Acc>::column(j)];
    TESSERA_UNROLL for (uint32_t i = 0; i < TileSums<Acc>::kSide; ++i) {
      TESSERA_UNROLL for (uint32_t j = 0; j < TileSums<Acc>::kSide; ++j) {
        recent.sums[i][j] += left.values[i] * right[j];
      }
    }
  }
}

template <class Places, class Acc>
__device__ __forceinline__ void put_step(TileSteps<Acc>& to, const Acc* values) {
  TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) to[Places::depth(j)][Places::place(j)] =
      values[j];
}

// Adds to `tile`. All threads of the block call it; the buffers may be written again afterwards.
template <class BPlaces, class Acc, class LoadA, class LoadB>
__device__ __forceinline__ void multiply_tiles(TileBuffers<Acc>& buffers, int64_t steps,
                                               TileSums<Acc>& tile, LoadA load_a, LoadB load_b) {
  Acc a_next[kTileLoads], b_next[kTileLoads];
  if (steps > 0) {
    load_a(int64_t{0}, a_next);
    load_b(int64_t{0}, b_next);
    put_step<AlongDepth>(buffers.a[0], a_next);
    put_step<BPlaces>(buffers.b[0], b_next);
  }
  __syncthreads();
  TileSums<Acc> recent;
  for (int64_t step = 0; step < steps; ++step) {
    const uint32_t buffer = step % 2;
    const bool more = step + 1 < steps;
    if (more) {
      load_a(step + 1, a_next);
      load_b(step + 1, b_next);
    }
    multiply_step(buffers.a[buffer], buffers.b[buffer], recent);
    if (!more || step % kTileChain == kTileChain - 1) tile.take(recent);
    if (more) {
      put_step<AlongDepth>(buffers.a[1 - buffer], a_next);
      put_step<BPlaces>(buffers.b[1 - buffer], b_next);
    }
    __syncthreads();
  }
}

// As multiply_tiles, with a left operand that stands in shared memory, a row for each depth. All
// threads have written it before.
template <class BPlaces, class Acc, class LoadB>
__device__ __forceinline__ void multiply_shared(const TileSteps<Acc>* a, TileBuffers<Acc>& buffers,
                                                uint32_t steps, TileSums<Acc>& tile, LoadB load_b) {
  Acc b_next[kTileLoads];
  load_b(int64_t{0}, b_next);
  put_step<BPlaces>(buffers.b[0], b_next);
  __syncthreads();
  TileSums<Acc> recent;
  for (uint32_t step = 0; step < steps; ++step) {
    const uint32_t buffer = step % 2;
    if (step + 1 < steps) load_b(int64_t{step} + 1, b_next);
    multiply_step(a[step], buffers.b[buffer], recent);
    if (step + 1 < steps) put_step<BPlaces>(buffers.b[1 - buffer], b_next);
    __syncthreads();
  }
  tile.take(recent);
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_TILE_PRODUCT_H_
