// SPDX-License-Identifier: Apache-2.0
//
// The one kernel of all elementwise ops, and its launch.
#ifndef TESSERA_BACKENDS_CUDA_ELEMENTWISE_LAUNCH_H_
#define TESSERA_BACKENDS_CUDA_ELEMENTWISE_LAUNCH_H_

#include <array>
#include <cstring>
#include <utility>

#include "tessera/backends/cuda/elementwise_ops.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/scalar.h"

namespace tessera::cuda {

inline constexpr uint32_t kElementwiseThreads = 256;

// So many elements are one load: up to 16 bytes of the widest operand.
template <class T>
inline constexpr uint32_t kVector = sizeof(T) >= 8 ? 2 : 4;

template <class T, uint32_t n>
struct alignas(sizeof(T) * n) Vector {
  T values[n];
};

// How an input is read.
struct ElementwiseInput {
  enum Access : uint32_t {
    kLinear,     // element i at data + i
    kSingle,     // one element at data for all
    kImmediate,  // the bits in `immediate` for all
    kStrided
  };
  const void* data;
  uint64_t immediate;
  uint32_t access;
};

template <uint32_t kInputs>
struct ElementwiseArguments {
  ElementwiseInput inputs[kInputs];
  void* out;
  // Of the inputs; the output is linear.
  StridedPart<kInputs> part;
  bool vectors;  // no input is strided, and all addresses are aligned
};

// Reads n elements of one input from element i on; single ones were read before.
template <class T, uint32_t n>
__device__ __forceinline__ void read_vector(const ElementwiseInput& input, uint32_t i, T single,
                                            T* values) {
  if (input.access == ElementwiseInput::kLinear) {
    const auto v = *reinterpret_cast<const Vector<T, n>*>(static_cast<const T*>(input.data) + i);
    for (uint32_t k = 0; k < n; ++k) values[k] = v.values[k];
  } else {
    for (uint32_t k = 0; k < n; ++k) values[k] = single;
  }
}

template <class T>
__device__ __forceinline__ T read_single(const ElementwiseInput& input) {
  if (input.access == ElementwiseInput::kSingle) return *static_cast<const T*>(input.data);
  T value = {};
  if (input.access == ElementwiseInput::kImmediate) memcpy(&value, &input.immediate, sizeof value);
  return value;
}

template <class T>
__device__ __forceinline__ T read_one(const ElementwiseInput& input, uint32_t i, int64_t offset,
                                      T single) {
  if (input.access == ElementwiseInput::kLinear) return static_cast<const T*>(input.data)[i];
  if (input.access == ElementwiseInput::kStrided) return static_cast<const T*>(input.data)[offset];
  return single;
}

// The first input is of type First, others of T.
template <class F, class First, class T, uint32_t kInputs, class Out>
__device__ __forceinline__ Out apply_function(First first, const T* others) {
  if constexpr (kInputs == 1) {
    return F::apply(first);
  } else if constexpr (kInputs == 2) {
    return F::apply(first, others[0]);
  } else {
    return F::apply(first, others[0], others[1]);
  }
}

template <class F, class First, class T, uint32_t kInputs, class Out>
__global__ void __launch_bounds__(kElementwiseThreads)
    elementwise_kernel(ElementwiseArguments<kInputs> a) {
  constexpr uint32_t n = kVector<T>;
  constexpr uint32_t kOthers = kInputs > 1 ? kInputs - 1 : 1;
  Out* const out = static_cast<Out*>(a.out);
  const First single = read_single<First>(a.inputs[0]);
  T singles[kOthers] = {};
  for (uint32_t o = 1; o < kInputs; ++o) singles[o - 1] = read_single<T>(a.inputs[o]);
  const uint64_t step = uint64_t{gridDim.x} * kElementwiseThreads;
  uint64_t i = uint64_t{blockIdx.x} * kElementwiseThreads + threadIdx.x;
  uint64_t begin = 0;  // what follows is done one by one
  if (a.vectors) {
    begin = a.part.count / n * n;
    for (uint64_t v = i * n; v < begin; v += step * n) {
      const uint32_t at = static_cast<uint32_t>(v);
      First first[n];
      T others[kOthers][n];
      read_vector<First, n>(a.inputs[0], at, single, first);
      for (uint32_t o = 1; o < kInputs; ++o) {
        read_vector<T, n>(a.inputs[o], at, singles[o - 1], others[o - 1]);
      }
      Vector<Out, n> result;
      for (uint32_t k = 0; k < n; ++k) {
        T operands[kOthers];
        for (uint32_t o = 0; o + 1 < kInputs; ++o) operands[o] = others[o][k];
        result.values[k] = apply_function<F, First, T, kInputs, Out>(first[k], operands);
      }
      *reinterpret_cast<Vector<Out, n>*>(out + v) = result;
    }
  }
  for (i += begin; i < a.part.count; i += step) {
    const uint32_t at = static_cast<uint32_t>(i);
    int64_t offsets[kInputs] = {};
    if (!a.vectors) a.part.offsets_of(at, offsets);
    T operands[kOthers];
    for (uint32_t o = 1; o < kInputs; ++o) {
      operands[o - 1] = read_one<T>(a.inputs[o], at, offsets[o], singles[o - 1]);
    }
    out[i] = apply_function<F, First, T, kInputs, Out>(
        read_one<First>(a.inputs[0], at, offsets[0], single), operands);
  }
}

template <uint32_t kInputs, size_t... o>
StridedLoop<kInputs> loop_of(const TsrNode& node, std::index_sequence<o...>) {
  return {*node.outputs[0], {node.inputs[o]...}};
}

template <uint32_t n>
bool is_aligned(const void* address, size_t item) {
  return reinterpret_cast<uintptr_t>(address) % (item * n) == 0;
}

template <class F, class First, class T, uint32_t kInputs, class Out>
void launch_elementwise(Launcher& launcher, const TsrNode& node) {
  constexpr uint32_t n = kVector<T>;
  const auto loop = loop_of<kInputs>(node, std::make_index_sequence<kInputs>());
  Out* out = data_of<Out>(*node.outputs[0]);
  loop.for_each_part([&](const StridedPart<kInputs>& part) {
    ElementwiseArguments<kInputs> a = {};
    a.part = part;
    a.out = out;
    out += part.count;  // parts come in the order of the elements
    a.vectors = is_aligned<n>(a.out, sizeof(Out));
    for (uint32_t o = 0; o < kInputs; ++o) {
      const TsrTensor& t = *node.inputs[o];
      ElementwiseInput& input = a.inputs[o];
      const size_t item = o == 0 ? sizeof(First) : sizeof(T);
      if (is_immediate(t)) {
        input.access = ElementwiseInput::kImmediate;
        input.immediate = t.immediate[0];
        continue;
      }
      input.data = data_of<char>(t) + part.offsets[o] * static_cast<int64_t>(item);
      a.part.offsets[o] = 0;
      if (part.is_single(o)) {
        input.access = ElementwiseInput::kSingle;
      } else if (part.is_linear(o)) {
        input.access = ElementwiseInput::kLinear;
        a.vectors = a.vectors && is_aligned<n>(input.data, item);
      } else {
        input.access = ElementwiseInput::kStrided;
        a.vectors = false;
      }
    }
    launcher.launch(elementwise_kernel<F, First, T, kInputs, Out>,
                    launcher.blocks_for(part.count, kElementwiseThreads * (a.vectors ? n : 1)),
                    kElementwiseThreads, a);
  });
}

// ---- Ops of ops.inc as functions of elements ----------------------------------------------------

template <class T>
using ValueOf = std::conditional_t<kIsFloating<T>, elementwise::Real<Computed<T>>,
                                   elementwise::Integer<Computed<T>>>;

template <class T>
__device__ __forceinline__ ValueOf<T> value_of(T x) {
  return ValueOf<T>(load(x));
}

template <class Op, class T>
struct Computing {
  template <class... A>
  static __device__ __forceinline__ T apply(A... a) {
    return store<T>(Op::apply(value_of(a)...).value);
  }
};

// To bool.
template <class Op, class T>
struct Testing {
  template <class... A>
  static __device__ __forceinline__ bool apply(A... a) {
    return Op::apply(value_of(a)...);
  }
};

template <class Op, uint32_t kInputs, bool kToBool, class T>
constexpr RunFunction launch_of() {
  if constexpr (kToBool) {
    return launch_elementwise<Testing<Op, T>, T, T, kInputs, bool>;
  } else {
    return launch_elementwise<Computing<Op, T>, T, T, kInputs, T>;
  }
}

template <class Op, uint32_t kInputs, elementwise::Domain kDomain, bool kToBool = false>
constexpr ElementwiseOp make_elementwise(const char* name) {
  ElementwiseOp op = {
      name, kInputs, kToBool ? ElementwiseForm::kToBool : ElementwiseForm::kSame, {}};
  if constexpr (kDomain != elementwise::Domain::kInteger) {
    op.launches[TSR_FLOAT32] = launch_of<Op, kInputs, kToBool, float>();
    op.launches[TSR_FLOAT64] = launch_of<Op, kInputs, kToBool, double>();
    op.launches[TSR_FLOAT16] = launch_of<Op, kInputs, kToBool, Float16>();
    op.launches[TSR_BFLOAT16] = launch_of<Op, kInputs, kToBool, Bfloat16>();
  }
  if constexpr (kDomain != elementwise::Domain::kFloating) {
    op.launches[TSR_INT32] = launch_of<Op, kInputs, kToBool, int32_t>();
    op.launches[TSR_INT64] = launch_of<Op, kInputs, kToBool, int64_t>();
    op.launches[TSR_UINT8] = launch_of<Op, kInputs, kToBool, uint8_t>();
  }
  return op;
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ELEMENTWISE_LAUNCH_H_
