// SPDX-License-Identifier: Apache-2.0
//
// Ops that give or take bool, and where.
#include "tessera/backends/cuda/elementwise_launch.h"
#include "tessera/backends/elementwise/ops.h"

namespace tessera::cuda {
namespace {

using elementwise::Domain;

// Bools compare as 0 and 1.
template <class Op>
struct ComparingBools {
  static __device__ __forceinline__ bool apply(bool a, bool b) {
    using V = elementwise::Integer<uint8_t>;
    return Op::apply(V(a ? 1 : 0), V(b ? 1 : 0));
  }
};

template <class Op>
struct Logical {
  template <class... A>
  static __device__ __forceinline__ bool apply(A... a) {
    return Op::apply(a...);
  }
};

template <class T>
struct Where {
  static __device__ __forceinline__ T apply(bool condition, T a, T b) { return condition ? a : b; }
};

template <class Op>
constexpr ElementwiseOp make_compare(const char* name) {
  ElementwiseOp op = make_elementwise<Op, 2, Domain::kNumeric, true>(name);
  op.launches[TSR_BOOL] = launch_elementwise<ComparingBools<Op>, bool, bool, 2, bool>;
  return op;
}

template <class F, uint32_t inputs>
constexpr ElementwiseOp make_logical(const char* name) {
  ElementwiseOp op = {name, inputs, ElementwiseForm::kSame, {}};
  op.launches[TSR_BOOL] = launch_elementwise<F, bool, bool, inputs, bool>;
  return op;
}

template <class Bits>
constexpr RunFunction launch_where() {
  return launch_elementwise<Where<Bits>, bool, Bits, 3, Bits>;
}

constexpr ElementwiseOp make_where() {
  ElementwiseOp op = {"where", 3, ElementwiseForm::kCondition, {}};
  op.launches[TSR_FLOAT32] = op.launches[TSR_INT32] = launch_where<uint32_t>();
  op.launches[TSR_FLOAT64] = op.launches[TSR_INT64] = launch_where<uint64_t>();
  op.launches[TSR_FLOAT16] = op.launches[TSR_BFLOAT16] = launch_where<uint16_t>();
  op.launches[TSR_UINT8] = op.launches[TSR_BOOL] = launch_where<uint8_t>();
  return op;
}

}  // namespace

std::span<const ElementwiseOp> logical_ops() {
#define TESSERA_PREDICATE(Type, name, domain) \
  make_elementwise<elementwise::Type, 1, Domain::domain, true>(#name),
#define TESSERA_COMPARE(Type, name) make_compare<elementwise::Type>(#name),
#define TESSERA_LOGICAL_UNARY(Type, name) make_logical<Logical<elementwise::Type>, 1>(#name),
#define TESSERA_LOGICAL(Type, name) make_logical<Logical<elementwise::Type>, 2>(#name),
  static constexpr ElementwiseOp kOps[] = {
      TESSERA_PREDICATE_OPS(TESSERA_PREDICATE) TESSERA_COMPARE_OPS(TESSERA_COMPARE)
          TESSERA_LOGICAL_OPS(TESSERA_LOGICAL) TESSERA_LOGICAL_UNARY_OPS(TESSERA_LOGICAL_UNARY)
              make_where(),
  };
#undef TESSERA_LOGICAL
#undef TESSERA_LOGICAL_UNARY
#undef TESSERA_COMPARE
#undef TESSERA_PREDICATE
  return kOps;
}

}  // namespace tessera::cuda
