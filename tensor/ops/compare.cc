// SPDX-License-Identifier: Apache-2.0
//
// Comparisons, logic, bits, and where.
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/binary_op.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

constexpr OpDef compare(std::string_view name) {
  return {
      .name = name, .infer = infer_compare, .traits = kElementwise, .samples = [](const OpDef&) {
        return with_integer_samples(binary_samples(), 2);
      }};
}

constexpr OpDef logical(std::string_view name) {
  return {
      .name = name, .infer = infer_logical, .traits = kElementwise, .samples = [](const OpDef&) {
        return bool_samples(2);
      }};
}

constexpr OpDef bitwise(std::string_view name) {
  return {.name = name,
          .infer = infer_elementwise_integer,
          .traits = kElementwise,
          .samples = [](const OpDef&) { return with_integer_samples({}, 2); }};
}

const OpDef kEq = compare("eq");
const OpDef kNe = compare("ne");
const OpDef kLt = compare("lt");
const OpDef kLe = compare("le");
const OpDef kGt = compare("gt");
const OpDef kGe = compare("ge");
const OpDef kLogicalAnd = logical("logical_and");
const OpDef kLogicalOr = logical("logical_or");
const OpDef kLogicalXor = logical("logical_xor");
const OpDef kBitwiseAnd = bitwise("bitwise_and");
const OpDef kBitwiseOr = bitwise("bitwise_or");
const OpDef kBitwiseXor = bitwise("bitwise_xor");

// condition bool, a T, b T -> T
const OpDef kWhere = {
    .name = "where",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_dtype(c, 0, kBool, "condition"));
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 1, 2));
          const Shape* shape = nullptr;
          for (int i = 0; i < 3; ++i) {
            if (c.input(i).impl().is_immediate) continue;
            if (shape != nullptr && *shape != c.shape(i)) {
              return c.invalid("inputs have shapes ", shape->to_string(), " and ",
                               c.shape(i).to_string());
            }
            shape = &c.shape(i);
          }
          c.add_output(c.dtype(1), shape == nullptr ? Shape{} : *shape);
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          if (c.needs(1)) c.set(1, where(c.input(0), c.grad(), 0));
          if (c.needs(2)) c.set(2, where(c.input(0), 0, c.grad()));
        },
    .saved_inputs = 1,
    .traits = kElementwise,
    .samples =
        [](const OpDef&) {
          std::vector<Sample> samples;
          for (const Shape& s : {Shape{}, Shape{7}, Shape{5, 67}, Shape{3, 0}}) {
            samples.push_back(sample(absl::StrCat("Rank", s.rank(), "Size", s.numel()),
                                     {arg(s, 0, 2, kBool), arg(s), arg(s)}));
          }
          for (DType dtype : {kInt32, kInt64, kUInt8, kBool}) {
            Sample s =
                sample(std::string(dtype_name(dtype)),
                       {arg({9}, 0, 2, kBool), arg({9}, 0, 9, dtype), arg({9}, 0, 9, dtype)});
            s.differentiable = false;
            s.fixed_dtypes = true;
            samples.push_back(s);
          }
          samples.push_back(error_sample("ConditionNotBool", {arg({3}), arg({3}), arg({3})}));
          return samples;
        },
};

Tensor as_bool(const Tensor& x) { return x.dtype() == kBool ? x : ne(x, 0); }

Tensor apply_logical(const OpDef& op, const Tensor& a, const Tensor& b) {
  return apply_binary(op, as_bool(a), as_bool(b));
}

}  // namespace

Tensor eq(const Tensor& a, const Tensor& b) { return apply_binary(kEq, a, b); }
Tensor ne(const Tensor& a, const Tensor& b) { return apply_binary(kNe, a, b); }
Tensor lt(const Tensor& a, const Tensor& b) { return apply_binary(kLt, a, b); }
Tensor le(const Tensor& a, const Tensor& b) { return apply_binary(kLe, a, b); }
Tensor gt(const Tensor& a, const Tensor& b) { return apply_binary(kGt, a, b); }
Tensor ge(const Tensor& a, const Tensor& b) { return apply_binary(kGe, a, b); }

Tensor logical_and(const Tensor& a, const Tensor& b) { return apply_logical(kLogicalAnd, a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return apply_logical(kLogicalOr, a, b); }
Tensor logical_xor(const Tensor& a, const Tensor& b) { return apply_logical(kLogicalXor, a, b); }

Tensor bitwise_and(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_and(a, b) : apply_binary(kBitwiseAnd, a, b);
}
Tensor bitwise_or(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_or(a, b) : apply_binary(kBitwiseOr, a, b);
}
Tensor bitwise_xor(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_xor(a, b) : apply_binary(kBitwiseXor, a, b);
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  const TensorImpl &x = a.impl(), &y = b.impl();
  if (are_alike(x, y) && condition.impl().shape == x.shape)
    return dispatch(kWhere, {&condition, &a, &b});
  DType dtype = result_type({&a, &b});
  Shape shape = broadcast_operands(kWhere.name, {&condition, &a, &b});
  Tensor flags = as_operand(condition, condition.dtype(), shape);
  Tensor first = as_operand(a, dtype, shape), second = as_operand(b, dtype, shape);
  return dispatch(kWhere, {&flags, &first, &second});
}

Tensor Tensor::eq(const Tensor& other) const { return tessera::eq(*this, other); }
Tensor Tensor::ne(const Tensor& other) const { return tessera::ne(*this, other); }
Tensor Tensor::lt(const Tensor& other) const { return tessera::lt(*this, other); }
Tensor Tensor::le(const Tensor& other) const { return tessera::le(*this, other); }
Tensor Tensor::gt(const Tensor& other) const { return tessera::gt(*this, other); }
Tensor Tensor::ge(const Tensor& other) const { return tessera::ge(*this, other); }
Tensor Tensor::logical_and(const Tensor& other) const { return tessera::logical_and(*this, other); }
Tensor Tensor::logical_or(const Tensor& other) const { return tessera::logical_or(*this, other); }
Tensor Tensor::logical_xor(const Tensor& other) const { return tessera::logical_xor(*this, other); }
Tensor Tensor::bitwise_and(const Tensor& other) const { return tessera::bitwise_and(*this, other); }
Tensor Tensor::bitwise_or(const Tensor& other) const { return tessera::bitwise_or(*this, other); }
Tensor Tensor::bitwise_xor(const Tensor& other) const { return tessera::bitwise_xor(*this, other); }
Tensor Tensor::where(const Tensor& condition, const Tensor& other) const {
  return tessera::where(condition, *this, other);
}

Tensor& Tensor::eq_(const Tensor& other) {
  return update(*this, "eq_", {this, &other}, [&] { return eq(other); });
}
Tensor& Tensor::ne_(const Tensor& other) {
  return update(*this, "ne_", {this, &other}, [&] { return ne(other); });
}
Tensor& Tensor::lt_(const Tensor& other) {
  return update(*this, "lt_", {this, &other}, [&] { return lt(other); });
}
Tensor& Tensor::le_(const Tensor& other) {
  return update(*this, "le_", {this, &other}, [&] { return le(other); });
}
Tensor& Tensor::gt_(const Tensor& other) {
  return update(*this, "gt_", {this, &other}, [&] { return gt(other); });
}
Tensor& Tensor::ge_(const Tensor& other) {
  return update(*this, "ge_", {this, &other}, [&] { return ge(other); });
}
Tensor& Tensor::logical_and_(const Tensor& other) {
  return update(*this, "logical_and_", {this, &other}, [&] { return logical_and(other); });
}
Tensor& Tensor::logical_or_(const Tensor& other) {
  return update(*this, "logical_or_", {this, &other}, [&] { return logical_or(other); });
}
Tensor& Tensor::logical_xor_(const Tensor& other) {
  return update(*this, "logical_xor_", {this, &other}, [&] { return logical_xor(other); });
}
Tensor& Tensor::bitwise_and_(const Tensor& other) {
  const OpDef& op = both_bool(*this, other) ? kLogicalAnd : kBitwiseAnd;
  return update(*this, op, "bitwise_and_", other);
}
Tensor& Tensor::bitwise_or_(const Tensor& other) {
  const OpDef& op = both_bool(*this, other) ? kLogicalOr : kBitwiseOr;
  return update(*this, op, "bitwise_or_", other);
}
Tensor& Tensor::bitwise_xor_(const Tensor& other) {
  const OpDef& op = both_bool(*this, other) ? kLogicalXor : kBitwiseXor;
  return update(*this, op, "bitwise_xor_", other);
}

absl::Span<const OpDef* const> compare_ops() {
  static const OpDef* const kOps[] = {
      &kEq,        &kNe,         &kLt,         &kLe,        &kGt,         &kGe,   &kLogicalAnd,
      &kLogicalOr, &kLogicalXor, &kBitwiseAnd, &kBitwiseOr, &kBitwiseXor, &kWhere};
  return kOps;
}

}  // namespace tessera
