// SPDX-License-Identifier: Apache-2.0
//
// Products of every dtype by tiles in shared memory.
#include <algorithm>

#include "tessera/backends/cuda/matmul_tiles.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kTile = 64;      // of rows and columns of y, for a block
constexpr uint32_t kDepth = 16;     // of K, at a time
constexpr uint32_t kPerThread = 4;  // rows and columns of a thread
constexpr uint32_t kThreads = (kTile / kPerThread) * (kTile / kPerThread);

struct MatmulShape {
  int64_t m, n, k;
  int64_t a_row, a_column, b_row, b_column, bias;  // strides, elements
};

template <class Acc>
__device__ __forceinline__ Acc multiply_add(Acc sum, Acc a, Acc b) {
  if constexpr (std::is_integral_v<Acc>) {
    using U = std::conditional_t<(sizeof(Acc) < 4), uint32_t, std::make_unsigned_t<Acc>>;  // wraps
    return static_cast<Acc>(static_cast<U>(sum) + static_cast<U>(a) * static_cast<U>(b));
  } else {
    return sum + a * b;
  }
}

// a (B, M, K), b (B, K, N), any strides; bias (N) or null; y (B, M, N) dense; part: batches of (a,
// b)
template <class T>
__global__ void __launch_bounds__(kThreads)
    matmul_kernel(const T* a, const T* b, const T* bias, T* y, StridedPart<2> part, MatmulShape s) {
  using Acc = Computed<T>;
  using Tile = Acc[kDepth][kTile + 1];
  TESSERA_SHARED(Tile, a_tile);
  TESSERA_SHARED(Tile, b_tile);
  const int64_t row_tiles = (s.m + kTile - 1) / kTile, column_tiles = (s.n + kTile - 1) / kTile;
  const int64_t tiles = row_tiles * column_tiles * part.count;
  const uint32_t side = kTile / kPerThread, row = threadIdx.x / side, column = threadIdx.x % side;
  for (int64_t t = blockIdx.x; t < tiles; t += gridDim.x) {
    const int64_t batch = t / (row_tiles * column_tiles), tile = t % (row_tiles * column_tiles);
    const int64_t first_row = tile / column_tiles * kTile;
    const int64_t first_column = tile % column_tiles * kTile;
    int64_t at[2];
    part.offsets_of(static_cast<uint32_t>(batch), at);
    Acc sums[kPerThread][kPerThread] = {};
    for (int64_t first_k = 0; first_k < s.k; first_k += kDepth) {
      for (uint32_t i = threadIdx.x; i < kDepth * kTile; i += kThreads) {
        // Neighbours read along K in a, along N in b.
        const int64_t a_r = first_row + i / kDepth, a_k = first_k + i % kDepth;
        const int64_t b_c = first_column + i % kTile, b_k = first_k + i / kTile;
        a_tile[i % kDepth][i / kDepth] =
            a_r < s.m && a_k < s.k ? load(a[at[0] + a_r * s.a_row + a_k * s.a_column]) : Acc(0);
        b_tile[i / kTile][i % kTile] =
            b_c < s.n && b_k < s.k ? load(b[at[1] + b_k * s.b_row + b_c * s.b_column]) : Acc(0);
      }
      __syncthreads();
      for (uint32_t k = 0; k < kDepth; ++k) {
        Acc left[kPerThread], right[kPerThread];
        for (uint32_t i = 0; i < kPerThread; ++i) {
          left[i] = a_tile[k][row + i * side];
          right[i] = b_tile[k][column + i * side];
        }
        for (uint32_t i = 0; i < kPerThread; ++i) {
          for (uint32_t j = 0; j < kPerThread; ++j) {
            sums[i][j] = multiply_add(sums[i][j], left[i], right[j]);
          }
        }
      }
      __syncthreads();
    }
    for (uint32_t i = 0; i < kPerThread; ++i) {
      for (uint32_t j = 0; j < kPerThread; ++j) {
        const int64_t r = first_row + row + i * side, c = first_column + column + j * side;
        if (r >= s.m || c >= s.n) continue;
        if (bias != nullptr) sums[i][j] = sums[i][j] + load(bias[c * s.bias]);
        y[(batch * s.m + r) * s.n + c] = store<T>(sums[i][j]);
      }
    }
  }
}

template <class T>
__global__ void bias_kernel(T* y, const T* bias, int64_t count, int64_t n) {
  const int64_t step = int64_t{blockDim.x} * gridDim.x;
  for (int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
    y[i] = store<T>(load(y[i]) + load(bias[i % n]));
  }
}

}  // namespace

void multiply_by_tiles(Launcher& launcher, const TsrTensor& a, const TsrTensor& b,
                       const TsrTensor* bias, const TsrTensor& y) {
  const uint32_t r = y.rank - 2, c = y.rank - 1;
  const MatmulShape s = {y.shape[r],   y.shape[c],   a.shape[c],   a.strides[r],
                         a.strides[c], b.strides[r], b.strides[c], bias ? bias->strides[0] : 0};
  TsrTensor batches = y;
  batches.rank = r;
  int64_t done = 0;
  StridedLoop<2>(batches, {&a, &b}).for_each_part([&](const StridedPart<2>& part) {
    with_numeric(y.dtype, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      const int64_t tiles =
          (s.m + kTile - 1) / kTile * ((s.n + kTile - 1) / kTile) * int64_t{part.count};
      launcher.launch(matmul_kernel<T>, launcher.blocks_for(tiles, 1), kThreads, data_of<T>(a),
                      data_of<T>(b), bias != nullptr ? data_of<T>(*bias) : nullptr,
                      data_of<T>(y) + done * s.m * s.n, part, s);
    });
    done += part.count;
  });
}

void add_bias(Launcher& launcher, const TsrTensor& y, const void* bias) {
  const int64_t count = element_count(y);
  with_floating(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(bias_kernel<T>, launcher.blocks_for(count, 256), 256, data_of<T>(y),
                    static_cast<const T*>(bias), count, y.shape[y.rank - 1]);
  });
}

}  // namespace tessera::cuda
