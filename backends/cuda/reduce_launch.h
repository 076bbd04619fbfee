// SPDX-License-Identifier: Apache-2.0
//
// Reductions over any dims by one kernel: each output has some threads of a block, and where there
// are few outputs some blocks, whose results a second pass combines. The order is the same in every
// run.
//
//   struct Op {
//     using Acc = ...;                            // what threads combine
//     static Acc identity();
//     static Acc from(T x, int64_t i);            // element i of its output's
//     static Acc combine(Acc a, Acc b);
//     template <class Out> static Out result(Acc a);
//   };
//   with_plan(launcher, x, dims, [&](const void* data, const ReducePlan& plan) {
//     reduce<Op, T, Out>(launcher, data, y.data, plan);
//   });
#ifndef TESSERA_BACKENDS_CUDA_REDUCE_LAUNCH_H_
#define TESSERA_BACKENDS_CUDA_REDUCE_LAUNCH_H_

#include <algorithm>
#include <span>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {

inline constexpr uint32_t kReduceThreads = 256;
inline constexpr uint32_t kReduceUnroll = 4;  // results that a thread has under way
// So many elements has a thread before a reduction is split over blocks.
inline constexpr int64_t kReducePerThread = 64;

// Element i of a set of dims, `stride` apart or as `part` says.
struct Walk {
  StridedPart<1> part;
  int64_t stride = 1;
  bool linear = true;

  __device__ __forceinline__ int64_t offset(int64_t i) const {
    if (linear) return i * stride;
    int64_t at[1];
    part.offsets_of(static_cast<uint32_t>(i), at);
    return at[0];
  }
};

struct ReducePlan {
  Walk kept, reduced;
  int64_t outputs = 0, size = 0;  // size: elements of x for an output
  int64_t split_size = 0;         // of them, for a block
  // A block's threads: so many for each output, a power of 2, and whether neighbours share it.
  uint32_t lanes = kReduceThreads;
  bool lanes_first = true;
};

// x -> out (splits, outputs): the combination of the elements of each output and split
template <class Op, class T, class Out>
__global__ void __launch_bounds__(kReduceThreads)
    reduce_kernel(const T* x, Out* out, ReducePlan plan) {
  using Acc = typename Op::Acc;
  using Values = Acc[kReduceThreads];
  TESSERA_SHARED(Values, values);
  const uint32_t per_block = kReduceThreads / plan.lanes;
  const uint32_t lane = plan.lanes_first ? threadIdx.x % plan.lanes : threadIdx.x / per_block;
  const uint32_t column = plan.lanes_first ? threadIdx.x / plan.lanes : threadIdx.x % per_block;
  const int64_t output = int64_t{blockIdx.x} * per_block + column;
  const int64_t begin = int64_t{blockIdx.y} * plan.split_size;
  const int64_t end = begin + plan.split_size < plan.size ? begin + plan.split_size : plan.size;

  Acc acc[kReduceUnroll];
  for (uint32_t k = 0; k < kReduceUnroll; ++k) acc[k] = Op::identity();
  if (output < plan.outputs) {
    const T* const from = x + plan.kept.offset(output);
    int64_t i = begin + lane;
    for (; i + (kReduceUnroll - 1) * plan.lanes < end; i += kReduceUnroll * plan.lanes) {
      for (uint32_t k = 0; k < kReduceUnroll; ++k) {
        const int64_t at = i + k * plan.lanes;
        acc[k] = Op::combine(acc[k], Op::from(from[plan.reduced.offset(at)], at));
      }
    }
    for (; i < end; i += plan.lanes) {
      acc[0] = Op::combine(acc[0], Op::from(from[plan.reduced.offset(i)], i));
    }
  }
  const uint32_t place = lane * per_block + column;
  values[place] = Op::combine(Op::combine(acc[0], acc[1]), Op::combine(acc[2], acc[3]));
  __syncthreads();
  for (uint32_t half = plan.lanes / 2; half > 0; half /= 2) {
    if (lane < half) {
      values[place] = Op::combine(values[place], values[place + half * per_block]);
    }
    __syncthreads();
  }
  if (lane == 0 && output < plan.outputs) {
    out[int64_t{blockIdx.y} * plan.outputs + output] = Op::template result<Out>(values[place]);
  }
}

// ---- The plan -----------------------------------------------------------------------------------

// A tensor seen through some of its dims.
struct DimsView {
  DimsView() = default;
  DimsView(const DimsView&) = delete;

  void add(const TsrTensor& x, uint32_t k) {
    shape[t.rank] = x.shape[k];
    strides[t.rank++] = x.strides[k];
  }
  const TsrTensor& tensor() {
    t.shape = shape;
    t.strides = strides;
    return t;
  }

  TsrTensor t = {sizeof(TsrTensor)};
  int64_t shape[kMaxRank], strides[kMaxRank];
};

// False if it takes more dims, or more elements in several dims, than a walk has.
inline bool make_walk(const TsrTensor& dims, Walk* walk) {
  const StridedLoop<1> loop(dims, {&dims});
  bool simple = loop.is_one_part();
  loop.for_each_part([&](const StridedPart<1>& part) {
    if (!simple) return;
    walk->part = part;
    walk->linear = part.rank <= 1;
    walk->stride = part.rank == 1 ? part.strides[0][0] : 0;
  });
  return simple || loop.count() == 0;
}

inline uint32_t power_of_2_up_to(int64_t n, uint32_t most) {
  uint32_t p = 1;
  while (p < most && p < n) p *= 2;
  return p;
}

// How many threads share an output.
inline void choose_lanes(ReducePlan* plan) {
  const bool along = plan->reduced.linear && plan->reduced.stride == 1;
  plan->lanes_first = along;
  if (along) {
    plan->lanes =
        power_of_2_up_to((plan->size + kReduceUnroll - 1) / kReduceUnroll, kReduceThreads);
  } else {
    const uint32_t columns = power_of_2_up_to(plan->outputs, 32);
    plan->lanes = std::min(kReduceThreads / columns, power_of_2_up_to(plan->size, kReduceThreads));
  }
}

template <class Op, class T, class Out>
void launch_reduce(Launcher& launcher, const void* x, void* out, ReducePlan plan, uint32_t splits) {
  choose_lanes(&plan);
  plan.split_size = (plan.size + splits - 1) / splits;
  const int64_t per_block = kReduceThreads / plan.lanes;
  launcher.launch(
      reduce_kernel<Op, T, Out>,
      dim3{static_cast<uint32_t>((plan.outputs + per_block - 1) / per_block), splits, 1},
      kReduceThreads, static_cast<const T*>(x), static_cast<Out*>(out), plan);
}

// Enough blocks for the device, when there are few outputs of many elements.
inline uint32_t splits_of(const Launcher& launcher, ReducePlan plan) {
  choose_lanes(&plan);
  const int64_t per_block = kReduceThreads / plan.lanes;
  const int64_t blocks = (plan.outputs + per_block - 1) / per_block;
  const int64_t wanted = 4 * launcher.properties().multiProcessorCount / blocks;
  const int64_t useful = plan.size / (kReducePerThread * plan.lanes);
  return static_cast<uint32_t>(std::clamp<int64_t>(std::min(wanted, useful), 1, 1024));
}

// An op on what an earlier pass of it wrote.
template <class Op>
struct OnPartials {
  using Acc = typename Op::Acc;
  static __device__ __forceinline__ Acc identity() { return Op::identity(); }
  static __device__ __forceinline__ Acc from(Acc x, int64_t) { return x; }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return Op::combine(a, b); }
  template <class Out>
  static __device__ __forceinline__ Out result(Acc a) {
    return Op::template result<Out>(a);
  }
};
// The pass before: its result is what it has.
template <class Op>
struct ToPartials : Op {
  template <class Out>
  static __device__ __forceinline__ Out result(typename Op::Acc a) {
    return a;
  }
};

// x -> y (outputs), as the plan says
template <class Op, class T, class Out>
void reduce(Launcher& launcher, const void* x, void* y, const ReducePlan& plan) {
  using Acc = typename Op::Acc;
  const uint32_t splits = splits_of(launcher, plan);
  if (splits == 1) return launch_reduce<Op, T, Out>(launcher, x, y, plan, 1);
  Acc* partials = launcher.scratch<Acc>(static_cast<uint64_t>(splits) * plan.outputs);
  launch_reduce<ToPartials<Op>, T, Acc>(launcher, x, partials, plan, splits);
  ReducePlan rest;
  rest.outputs = plan.outputs;
  rest.size = splits;
  rest.reduced.stride = plan.outputs;
  launch_reduce<OnPartials<Op>, Acc, Out>(launcher, partials, y, rest, 1);
}

// Calls f(data of x, plan) for a reduction over `dims`, unless there is no output.
template <class F>
void with_plan(Launcher& launcher, const TsrTensor& x, std::span<const int64_t> dims, F f) {
  bool is_reduced[kMaxRank] = {};
  for (int64_t k : dims) {
    if (k < x.rank) is_reduced[k] = true;
  }
  DimsView kept, reduced, ordered;
  for (uint32_t k = 0; k < x.rank; ++k) (is_reduced[k] ? reduced : kept).add(x, k);
  ReducePlan plan;
  plan.outputs = element_count(kept.tensor());
  plan.size = element_count(reduced.tensor());
  if (plan.outputs == 0) return;
  if (make_walk(kept.tensor(), &plan.kept) && make_walk(reduced.tensor(), &plan.reduced)) {
    return f(x.data, plan);
  }
  // Too many dims: kept ones first, reduced ones last, dense.
  for (bool last : {false, true}) {
    for (uint32_t k = 0; k < x.rank; ++k) {
      if (is_reduced[k] == last) ordered.add(x, k);
    }
  }
  TsrTensor t = x;
  t.shape = ordered.shape;
  t.strides = ordered.strides;
  plan.kept = plan.reduced = {};
  plan.kept.stride = plan.size;
  f(dense_elements(launcher, t), plan);
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_REDUCE_LAUNCH_H_
