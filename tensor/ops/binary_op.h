// SPDX-License-Identifier: Apache-2.0
//
// What the families of elementwise ops of two tensors share (binary.cc, compare.cc,
// activation_gradient.cc): OpDefs, samples, promotion and broadcasting.
#ifndef TESSERA_TENSOR_OPS_BINARY_OP_H_
#define TESSERA_TENSOR_OPS_BINARY_OP_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/promotion.h"

namespace tessera {

inline constexpr uint32_t kBoth = 3;  // saved_inputs

constexpr OpDef binary_op(std::string_view name, uint32_t saved_inputs, Vjp vjp, Samples samples,
                          Infer infer = infer_elementwise) {
  return {.name = name,
          .infer = infer,
          .vjp = vjp,
          .saved_inputs = saved_inputs,
          .traits = kElementwise,
          .samples = samples};
}

inline std::vector<Sample> with_errors(std::vector<Sample> samples) {
  samples.push_back(error_sample("ShapesDiffer", {arg({3}), arg({4})}));
  samples.push_back(error_sample("DTypesDiffer", {arg({3}), arg({3}, 0, 5, kInt64)}));
  samples.push_back(error_sample("Bool", {arg({3}, 0, 2, kBool), arg({3}, 0, 2, kBool)}));
  return samples;
}

// For ops that take all numbers.
inline std::vector<Sample> number_pairs(const OpDef&) {
  return with_errors(with_integer_samples(binary_samples(), 2));
}

inline Tensor apply_promoted(const OpDef& op, const Tensor& a, const Tensor& b, DType dtype) {
  Shape shape = broadcast_operands(op.name, {&a, &b});
  Tensor x = as_operand(a, dtype, shape), y = as_operand(b, dtype, shape);
  return dispatch(op, {&x, &y});
}

// Needs neither promotion nor broadcasting.
inline bool are_alike(const TensorImpl& x, const TensorImpl& y) {
  return x.dtype == y.dtype && x.shape == y.shape && !x.is_immediate && !y.is_immediate;
}

inline Tensor apply_binary(const OpDef& op, const Tensor& a, const Tensor& b) {
  if (are_alike(a.impl(), b.impl())) [[likely]]
    return dispatch(op, {&a, &b});
  return apply_promoted(op, a, b, result_type({&a, &b}));
}

inline Tensor apply_floating(const OpDef& op, const Tensor& a, const Tensor& b) {
  if (are_alike(a.impl(), b.impl()) && is_floating_point(a.dtype())) [[likely]] {
    return dispatch(op, {&a, &b});
  }
  return apply_promoted(op, a, b, to_floating_point(result_type({&a, &b})));
}

inline bool both_bool(const Tensor& a, const Tensor& b) {
  return a.dtype() == kBool && b.dtype() == kBool;
}

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_BINARY_OP_H_
