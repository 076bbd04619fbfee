// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/reduce.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kUnroll = 4;              // sums that a thread has under way
constexpr uint64_t kElementsPerThread = 64;  // before a reduction is split over blocks

// ---- What is computed: identity() and combine(a, b) on Acc
// -----------------------------------------

template <class T>
struct Sum {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc identity() { return Acc(0); }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) {
    if constexpr (std::is_signed_v<Acc> && std::is_integral_v<Acc>) {
      using U = std::make_unsigned_t<Acc>;  // wraps
      return static_cast<Acc>(static_cast<U>(a) + static_cast<U>(b));
    } else {
      return static_cast<Acc>(a + b);
    }
  }
};

template <class T>
struct Prod {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc identity() { return Acc(1); }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) {
    if constexpr (std::is_signed_v<Acc> && std::is_integral_v<Acc>) {
      using U = std::make_unsigned_t<Acc>;
      return static_cast<Acc>(static_cast<U>(a) * static_cast<U>(b));
    } else {
      return static_cast<Acc>(a * b);
    }
  }
};

// nan if either is nan.
template <class T>
struct Maximum {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc identity() {
    if constexpr (kIsFloating<T>) return -std::numeric_limits<Acc>::infinity();
    return std::numeric_limits<Acc>::lowest();
  }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a > b || a != a ? a : b; }
};

template <class T>
struct Minimum {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc identity() {
    if constexpr (kIsFloating<T>) return std::numeric_limits<Acc>::infinity();
    return std::numeric_limits<Acc>::max();
  }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a < b || a != a ? a : b; }
};

// ---- The kernel
// ------------------------------------------------------------------------------------

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
  uint32_t lanes = kThreads;
  bool lanes_first = true;
};

// x -> out (splits, outputs): the combination of the elements of each output and split
template <class Op, class T, class Out>
__global__ void __launch_bounds__(kThreads) reduce_kernel(const T* x, Out* out, ReducePlan plan) {
  using Acc = typename Op::Acc;
  using Values = Acc[kThreads];
  TESSERA_SHARED(Values, values);
  const uint32_t per_block = kThreads / plan.lanes;
  const uint32_t lane = plan.lanes_first ? threadIdx.x % plan.lanes : threadIdx.x / per_block;
  const uint32_t column = plan.lanes_first ? threadIdx.x / plan.lanes : threadIdx.x % per_block;
  const int64_t output = int64_t{blockIdx.x} * per_block + column;
  const int64_t begin = int64_t{blockIdx.y} * plan.split_size;
  const int64_t end = begin + plan.split_size < plan.size ? begin + plan.split_size : plan.size;

  Acc acc[kUnroll];
  for (uint32_t k = 0; k < kUnroll; ++k) acc[k] = Op::identity();
  if (output < plan.outputs) {
    const T* const from = x + plan.kept.offset(output);
    int64_t i = begin + lane;
    for (; i + (kUnroll - 1) * plan.lanes < end; i += kUnroll * plan.lanes) {
      for (uint32_t k = 0; k < kUnroll; ++k) {
        acc[k] = Op::combine(acc[k], load(from[plan.reduced.offset(i + k * plan.lanes)]));
      }
    }
    for (; i < end; i += plan.lanes)
      acc[0] = Op::combine(acc[0], load(from[plan.reduced.offset(i)]));
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
    out[int64_t{blockIdx.y} * plan.outputs + output] = store<Out>(values[place]);
  }
}

// ---- The plan
// --------------------------------------------------------------------------------------

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
bool make_walk(const TsrTensor& dims, Walk* walk) {
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

uint32_t power_of_2_up_to(int64_t n, uint32_t most) {
  uint32_t p = 1;
  while (p < most && p < n) p *= 2;
  return p;
}

// How many threads share an output.
void choose_lanes(ReducePlan* plan) {
  const bool along = plan->reduced.linear && plan->reduced.stride == 1;
  plan->lanes_first = along;
  if (along) {
    plan->lanes = power_of_2_up_to((plan->size + kUnroll - 1) / kUnroll, kThreads);
  } else {
    const uint32_t columns = power_of_2_up_to(plan->outputs, 32);
    plan->lanes = std::min(kThreads / columns, power_of_2_up_to(plan->size, kThreads));
  }
}

template <class Op, class T, class Out>
void launch_reduce(Launcher& launcher, const void* x, void* out, ReducePlan plan, uint32_t splits) {
  choose_lanes(&plan);
  plan.split_size = (plan.size + splits - 1) / splits;
  const int64_t per_block = kThreads / plan.lanes;
  launcher.launch(
      reduce_kernel<Op, T, Out>,
      dim3{static_cast<uint32_t>((plan.outputs + per_block - 1) / per_block), splits, 1}, kThreads,
      static_cast<const T*>(x), static_cast<Out*>(out), plan);
}

// Enough blocks for the device, when there are few outputs of many elements.
uint32_t splits_of(const Launcher& launcher, ReducePlan plan) {
  choose_lanes(&plan);
  const int64_t per_block = kThreads / plan.lanes;
  const int64_t blocks = (plan.outputs + per_block - 1) / per_block;
  const int64_t wanted = 4 * launcher.properties().multiProcessorCount / blocks;
  const int64_t useful = plan.size / (kElementsPerThread * plan.lanes);
  return static_cast<uint32_t>(std::clamp<int64_t>(std::min(wanted, useful), 1, 1024));
}

// Adapts an op to read what an earlier pass wrote.
template <class Op>
struct OnPartials {
  using Acc = typename Op::Acc;
  static __device__ __forceinline__ Acc identity() { return Op::identity(); }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return Op::combine(a, b); }
};

template <class Op, class T>
void reduce(Launcher& launcher, const void* x, void* y, const ReducePlan& plan) {
  using Acc = typename Op::Acc;
  const uint32_t splits = splits_of(launcher, plan);
  if (splits == 1) return launch_reduce<Op, T, T>(launcher, x, y, plan, 1);
  Acc* partials = launcher.scratch<Acc>(static_cast<uint64_t>(splits) * plan.outputs);
  launch_reduce<Op, T, Acc>(launcher, x, partials, plan, splits);
  ReducePlan rest;
  rest.outputs = plan.outputs;
  rest.size = splits;
  rest.reduced.stride = plan.outputs;
  launch_reduce<OnPartials<Op>, Acc, T>(launcher, partials, y, rest, 1);
}

// ---- Nodes
// -----------------------------------------------------------------------------------------

TsrStatus check_common(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  for (uint32_t i = 1; i < node.n_ints; ++i) {
    if (node.ints[i] < 0 || node.ints[i] >= x.rank || (i > 1 && node.ints[i] <= node.ints[i - 1])) {
      return unsupported(node, "list of dims", message);
    }
  }
  return TSR_OK;
}

enum class Kind { kNumeric, kOrdered, kLogical };

template <Kind kind>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1 || node.n_outputs != 1 || node.n_doubles != 0 || node.n_ints < 1) {
    return unsupported(node, "number of operands or attributes", message);
  }
  const uint32_t dtype = node.inputs[0]->dtype;
  if (node.outputs[0]->dtype != dtype || (kind == Kind::kNumeric && dtype == TSR_BOOL) ||
      (kind == Kind::kLogical && dtype != TSR_BOOL)) {
    return unsupported(node, "dtype", message);
  }
  return check_common(node, message);
}

// Calls f(x, plan).
template <class F>
void with_plan(Launcher& launcher, const TsrNode& node, F f) {
  const TsrTensor& x = *node.inputs[0];
  bool is_reduced[kMaxRank] = {};
  for (uint32_t i = 1; i < node.n_ints; ++i) is_reduced[node.ints[i]] = true;
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

template <template <class> class Op>
void run_numeric(Launcher& launcher, const TsrNode& node) {
  with_plan(launcher, node, [&](const void* x, const ReducePlan& plan) {
    with_numeric(node.inputs[0]->dtype, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      reduce<Op<T>, T>(launcher, x, node.outputs[0]->data, plan);
    });
  });
}

// Bools are numbers 0 and 1.
template <template <class> class Op>
void run_ordered(Launcher& launcher, const TsrNode& node) {
  if (node.inputs[0]->dtype != TSR_BOOL) return run_numeric<Op>(launcher, node);
  with_plan(launcher, node, [&](const void* x, const ReducePlan& plan) {
    reduce<Op<uint8_t>, uint8_t>(launcher, x, node.outputs[0]->data, plan);
  });
}

// False for no elements.
struct Any {
  using Acc = uint8_t;
  static __device__ __forceinline__ Acc identity() { return 0; }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a | b; }
};
struct All {
  using Acc = uint8_t;
  static __device__ __forceinline__ Acc identity() { return 1; }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a & b; }
};

template <class Op>
void run_logical(Launcher& launcher, const TsrNode& node) {
  with_plan(launcher, node, [&](const void* x, const ReducePlan& plan) {
    reduce<Op, uint8_t>(launcher, x, node.outputs[0]->data, plan);
  });
}

}  // namespace

std::span<const KernelEntry> reduce_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"sum", make_kernel<check<Kind::kNumeric>, run_numeric<Sum>>()},
      {"prod", make_kernel<check<Kind::kNumeric>, run_numeric<Prod>>()},
      {"amax", make_kernel<check<Kind::kOrdered>, run_ordered<Maximum>>()},
      {"amin", make_kernel<check<Kind::kOrdered>, run_ordered<Minimum>>()},
      {"any", make_kernel<check<Kind::kLogical>, run_logical<Any>>()},
      {"all", make_kernel<check<Kind::kLogical>, run_logical<All>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
