// SPDX-License-Identifier: Apache-2.0
//
// Rows that are reduced by some threads of a block each: one, a part of a warp, a warp or the whole
// block. Threads go through a row several times; what they read comes from the first level cache
// from the second time on, so that memory is read once.
//
//   const RowGroup row(rows);                                    // rows: a RowPlan, from the host
//   T sum = 0;
//   for (int64_t k = row.lane; k < row.size; k += row.lanes) sum += load(x[row.at(k)]);
//   sum = row.reduce(sum, Add());                                // all threads get it
//
// Blocks have kRowThreads threads. Results have the same order, and so the same bits, in every run.
#ifndef TESSERA_BACKENDS_CUDA_ROW_GROUP_H_
#define TESSERA_BACKENDS_CUDA_ROW_GROUP_H_

#include <cstdint>

#include "tessera/backends/cuda/compensated.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

inline constexpr uint32_t kRowThreads = 256;
inline constexpr uint32_t kRowWarps = kRowThreads / kWarpSize;

// Rows (outer, size, inner), along the middle dim; outer * inner rows.
struct RowPlan {
  int64_t rows = 0, size = 0, inner = 1;
  uint32_t lanes = kRowThreads;  // threads of a row: a power of 2 up to a warp, or all
  bool across = false;  // the threads of a warp have neighbouring rows, those of a row kRowWarps

  RowPlan() = default;
  RowPlan(int64_t outer, int64_t row_size, int64_t row_inner)
      : rows(outer * row_inner), size(row_size), inner(row_inner) {
    if (inner > 1) {
      across = true;
      lanes = kRowWarps;
    } else if (size <= kMostPerLane * int64_t{kWarpSize}) {
      for (lanes = 1; lanes < kWarpSize && kLeastPerLane * lanes < size;) lanes *= 2;
    }
  }
  // `rows` rows whose elements stand elsewhere: a block for each, or kWarpSize in a block.
  static RowPlan of_blocks(int64_t rows) {
    RowPlan plan;
    plan.rows = rows;
    return plan;
  }
  static RowPlan side_by_side(int64_t rows) {
    RowPlan plan = of_blocks(rows);
    plan.across = true;
    plan.lanes = kRowWarps;
    return plan;
  }
  uint32_t blocks() const {
    const int64_t per_block = kRowThreads / lanes;
    return static_cast<uint32_t>((rows + per_block - 1) / per_block);
  }

 private:
  static constexpr int64_t kLeastPerLane = 4, kMostPerLane = 32;
};

// ---- What is combined ---------------------------------------------------------------------------

// Two sums at once.
template <class Sum>
struct Two {
  Sum first, second;
};
template <class Sum>
__device__ __forceinline__ Two<Sum> operator+(Two<Sum> a, Two<Sum> b) {
  return {a.first + b.first, a.second + b.second};
}

struct Add {
  template <class Sum>
  __device__ __forceinline__ Sum operator()(Sum a, Sum b) const {
    return a + b;
  }
};

// nan if either is.
struct Largest {
  template <class Real>
  __device__ __forceinline__ Real operator()(Real a, Real b) const {
    return a > b || a != a ? a : b;
  }
};

template <class V>
__device__ __forceinline__ V shuffle_xor(V value, uint32_t bits) {
  return __shfl_xor_sync(kWholeWarp, value, static_cast<int>(bits));
}
template <class Real>
__device__ __forceinline__ Compensated<Real> shuffle_xor(Compensated<Real> value, uint32_t bits) {
  return {shuffle_xor(value.sum, bits), shuffle_xor(value.lost, bits)};
}
template <class Sum>
__device__ __forceinline__ Two<Sum> shuffle_xor(Two<Sum> value, uint32_t bits) {
  return {shuffle_xor(value.first, bits), shuffle_xor(value.second, bits)};
}

// Over `lanes` neighbours in a warp, a power of 2.
template <class V, class Op>
__device__ __forceinline__ V reduce_lanes(V value, Op op, uint32_t lanes) {
  for (uint32_t bits = lanes / 2; bits > 0; bits /= 2) value = op(value, shuffle_xor(value, bits));
  return value;
}

// Over the threads with one place in every warp, of kRowThreads.
template <class V, class Op>
__device__ __forceinline__ V reduce_warps(V value, Op op) {
  using Values = V[kRowThreads];
  TESSERA_SHARED(Values, values);
  __syncthreads();  // an earlier reduction's values have been read
  values[threadIdx.x] = value;
  __syncthreads();
  const uint32_t place = threadIdx.x % kWarpSize;
  value = values[place];
  for (uint32_t w = 1; w < kRowWarps; ++w) value = op(value, values[w * kWarpSize + place]);
  return value;
}

// Over a block of kRowThreads; all threads get it.
template <class V, class Op>
__device__ __forceinline__ V reduce_block(V value, Op op) {
  return reduce_warps(reduce_lanes(value, op, kWarpSize), op);
}

// ---- A thread's part of its row -----------------------------------------------------------------

class RowGroup {
 public:
  int64_t row;   // which, counted as (outer, inner)
  int64_t size;  // of it; 0 where there is none
  uint32_t lane, lanes;

  __device__ __forceinline__ explicit RowGroup(const RowPlan& plan)
      : lanes(plan.lanes), inner_(plan.inner), across_(plan.across) {
    const uint32_t per_block = kRowThreads / lanes;
    lane = across_ ? threadIdx.x / kWarpSize : threadIdx.x % lanes;
    row =
        int64_t{blockIdx.x} * per_block + (across_ ? threadIdx.x % kWarpSize : threadIdx.x / lanes);
    size = row < plan.rows ? plan.size : 0;
    first_ = inner_ == 1 ? row * plan.size : row / inner_ * plan.size * inner_ + row % inner_;
    is_first_ = row < plan.rows && lane == 0;
  }

  // Where element k of the row stands.
  __device__ __forceinline__ int64_t at(int64_t k) const { return first_ + k * inner_; }
  // Whether this thread speaks for a row.
  __device__ __forceinline__ bool is_first() const { return is_first_; }

  // All threads of the block call it.
  template <class V, class Op>
  __device__ __forceinline__ V reduce(V value, Op op) const {
    if (!across_) value = reduce_lanes(value, op, lanes < kWarpSize ? lanes : kWarpSize);
    if (across_ || lanes > kWarpSize) value = reduce_warps(value, op);
    return value;
  }

 private:
  int64_t first_, inner_;
  bool across_, is_first_;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ROW_GROUP_H_
