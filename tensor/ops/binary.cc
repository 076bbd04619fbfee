// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/binary.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

constexpr uint32_t kBoth = 3;

constexpr OpDef binary(std::string_view name, uint32_t saved_inputs, Vjp vjp, Samples samples,
                       Infer infer = infer_elementwise) {
  return {.name = name,
          .infer = infer,
          .vjp = vjp,
          .saved_inputs = saved_inputs,
          .traits = kElementwise,
          .samples = samples};
}

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

std::vector<Sample> with_errors(std::vector<Sample> samples) {
  samples.push_back(error_sample("ShapesDiffer", {arg({3}), arg({4})}));
  samples.push_back(error_sample("DTypesDiffer", {arg({3}), arg({3}, 0, 5, kInt64)}));
  samples.push_back(error_sample("Bool", {arg({3}, 0, 2, kBool), arg({3}, 0, 2, kBool)}));
  return samples;
}

std::vector<Sample> numbers(const OpDef&) {
  return with_errors(with_integer_samples(binary_samples(), 2));
}

// For ops whose first input is a gradient: what that is multiplied with may be 0 in float32 and
// tiny in float64, so it is finite.
std::vector<Sample> gradients(const OpDef&) {
  std::vector<Sample> samples = binary_samples();
  for (Sample& s : samples) {
    for (double& g : s.inputs[0].values) g = std::isfinite(g) ? g : 2;
  }
  return samples;
}

// The second operand away from zero.
std::vector<Sample> real_quotients(const OpDef&) { return elementwise_samples(2, -3, 3, 0.5, 3); }
std::vector<Sample> quotients(const OpDef&) {
  std::vector<Sample> samples = with_integer_samples(elementwise_samples(2, -3, 3, 0.5, 3), 2, 1);
  for (Sample& s : samples) s.differentiable = false;  // jumps where the quotient is whole
  return samples;
}
std::vector<Sample> powers(const OpDef&) {
  return with_integer_samples(elementwise_samples(2, 0.2, 3, -2, 2), 2, 0);
}

// ---- The ops ----

const OpDef kAdd = binary(
    "add", 0,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad());
      if (c.needs(1)) c.set(1, c.grad());
    },
    numbers);
const OpDef kSub = binary(
    "sub", 0,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad());
      if (c.needs(1)) c.set(1, -c.grad());
    },
    numbers);
const OpDef kMul = binary(
    "mul", kBoth,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad() * c.input(1));
      if (c.needs(1)) c.set(1, c.grad() * c.input(0));
    },
    numbers);
const OpDef kDiv = binary(
    "div", kBoth,
    [](VjpContext& c) {
      Tensor quotient = c.grad() / c.input(1);
      if (c.needs(0)) c.set(0, quotient);
      if (c.needs(1)) c.set(1, -quotient * (c.input(0) / c.input(1)));
    },
    real_quotients, infer_elementwise_floating);
// exponent * base^(exponent - 1), and 0 for exponent 0, also at base 0 where base^-1 is infinite.
Tensor slope_of_base(const Tensor& base, const Tensor& exponent) {
  if (exponent.impl().is_immediate) {
    const double e = exponent.item<double>();
    return e == 0 ? zeros_like(base) : pow(base, e - 1) * e;
  }
  return where(exponent == 0, 0, exponent * pow(base, exponent - 1));
}

// base^exponent log(base), which tends to 0 at base 0 for exponents from 0 on.
Tensor slope_of_exponent(const Tensor& base, const Tensor& exponent) {
  if (base.impl().is_immediate) {
    const double b = base.item<double>();
    Tensor slope = pow(base, exponent) * std::log(b);
    return b == 0 ? where(exponent >= 0, 0, slope) : slope;
  }
  Tensor slope = pow(base, exponent) * log(base);
  return where((base == 0) & (exponent >= 0), 0, slope);
}

const OpDef kPow = binary(
    "pow", kBoth,
    [](VjpContext& c) {
      const Tensor &base = c.input(0), &exponent = c.input(1);
      if (c.needs(0)) c.set(0, c.grad() * slope_of_base(base, exponent));
      if (c.needs(1)) c.set(1, c.grad() * slope_of_exponent(base, exponent));
    },
    powers);

// The share of the gradient that goes to the operand chosen by `wins`; half where both are equal.
Tensor share(const Tensor& g, const Tensor& wins, const Tensor& ties) {
  return where(ties, g * 0.5, where(wins, g, 0));
}
const OpDef kMaximum = binary(
    "maximum", kBoth,
    [](VjpContext& c) {
      Tensor ties = c.input(0) == c.input(1);
      if (c.needs(0)) c.set(0, share(c.grad(), c.input(0) > c.input(1), ties));
      if (c.needs(1)) c.set(1, share(c.grad(), c.input(1) > c.input(0), ties));
    },
    numbers);
const OpDef kMinimum = binary(
    "minimum", kBoth,
    [](VjpContext& c) {
      Tensor ties = c.input(0) == c.input(1);
      if (c.needs(0)) c.set(0, share(c.grad(), c.input(0) < c.input(1), ties));
      if (c.needs(1)) c.set(1, share(c.grad(), c.input(1) < c.input(0), ties));
    },
    numbers);
const OpDef kRemainder = binary(
    "remainder", kBoth,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad());
      if (c.needs(1)) c.set(1, -c.grad() * floor_divide(c.input(0), c.input(1)));
    },
    quotients);
const OpDef kFmod = binary(
    "fmod", kBoth,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad());
      if (c.needs(1)) c.set(1, -c.grad() * trunc_divide(c.input(0), c.input(1)));
    },
    quotients);
void zero_gradients(VjpContext& c) {
  for (int i = 0; i < 2; ++i) {
    if (c.needs(i)) c.set(i, zeros_like(c.grad()));
  }
}
const OpDef kFloorDivide = binary("floor_divide", 0, zero_gradients, quotients);
const OpDef kTruncDivide = binary("trunc_divide", 0, zero_gradients, quotients);
const OpDef kAtan2 = binary(
    "atan2", kBoth,
    [](VjpContext& c) {
      Tensor scaled = c.grad() / (square(c.input(0)) + square(c.input(1)));
      if (c.needs(0)) c.set(0, scaled * c.input(1));
      if (c.needs(1)) c.set(1, -scaled * c.input(0));
    },
    real_quotients, infer_elementwise_floating);

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

// g where y > 0: the gradient of relu from its output
const OpDef kReluBackward = binary(
    "relu_backward", 2,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, relu_backward(c.grad(), c.input(1)));
      if (c.needs(1)) c.set(1, zeros_like(c.grad()));
    },
    numbers);
// g * y * (1 - y)
const OpDef kSigmoidBackward = binary(
    "sigmoid_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &y = c.input(1);
      if (c.needs(0)) c.set(0, sigmoid_backward(c.grad(), y));
      if (c.needs(1)) c.set(1, c.grad() * g * (1 - y * 2));
    },
    gradients, infer_elementwise_floating);
// g * (1 - y^2)
const OpDef kTanhBackward = binary(
    "tanh_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &y = c.input(1);
      if (c.needs(0)) c.set(0, tanh_backward(c.grad(), y));
      if (c.needs(1)) c.set(1, c.grad() * g * y * -2);
    },
    gradients, infer_elementwise_floating);
// g * s * (1 + x * (1 - s)), s = sigmoid(x)
const OpDef kSiluBackward = binary(
    "silu_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &x = c.input(1);
      if (c.needs(0)) c.set(0, silu_backward(c.grad(), x));
      if (c.needs(1)) {
        Tensor s = sigmoid(x), ds = s * (1 - s);
        c.set(1, c.grad() * g * ds * (2 + x * (1 - s * 2)));
      }
    },
    gradients, infer_elementwise_floating);
// g * (Phi(x) + x * phi(x))
const OpDef kGeluBackward = binary(
    "gelu_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &x = c.input(1);
      if (c.needs(0)) c.set(0, gelu_backward(c.grad(), x));
      if (c.needs(1)) {
        constexpr double kInvSqrt2Pi = 0.3989422804014327;
        Tensor density = exp(square(x) * -0.5) * kInvSqrt2Pi;
        c.set(1, c.grad() * g * density * (2 - square(x)));
      }
    },
    gradients, infer_elementwise_floating);
const OpDef kGeluTanhBackward = binary(
    "gelu_tanh_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &x = c.input(1);
      if (c.needs(0)) c.set(0, gelu_tanh_backward(c.grad(), x));
      if (c.needs(1)) {
        // y = x (1 + t) / 2, t = tanh(u), u = k (x + a x^3): y'' = t' + x t'' / 2
        constexpr double kK = 0.7978845608028654, kA = 0.044715;
        Tensor x2 = square(x);
        Tensor t = tanh((x + x * x2 * kA) * kK);
        Tensor du = (x2 * (3 * kA) + 1) * kK, d2u = x * (6 * kA * kK);
        Tensor sech2 = 1 - square(t);
        Tensor dt = sech2 * du;
        Tensor d2t = sech2 * d2u - t * sech2 * square(du) * 2;
        c.set(1, c.grad() * g * (dt + x * d2t * 0.5));
      }
    },
    gradients, infer_elementwise_floating);

// ---- Promotion and broadcasting ----

Tensor apply_promoted(const OpDef& op, const Tensor& a, const Tensor& b, DType dtype) {
  Shape shape = broadcast_operands(op.name, {&a, &b});
  Tensor x = as_operand(a, dtype, shape), y = as_operand(b, dtype, shape);
  return dispatch(op, {&x, &y});
}

bool are_alike(const TensorImpl& x, const TensorImpl& y) {
  return x.dtype == y.dtype && x.shape == y.shape && !x.is_immediate && !y.is_immediate;
}

Tensor apply(const OpDef& op, const Tensor& a, const Tensor& b) {
  if (are_alike(a.impl(), b.impl())) [[likely]]
    return dispatch(op, {&a, &b});
  return apply_promoted(op, a, b, result_type({&a, &b}));
}

Tensor apply_floating(const OpDef& op, const Tensor& a, const Tensor& b) {
  if (are_alike(a.impl(), b.impl()) && is_floating_point(a.dtype())) [[likely]] {
    return dispatch(op, {&a, &b});
  }
  return apply_promoted(op, a, b, to_floating_point(result_type({&a, &b})));
}

bool both_bool(const Tensor& a, const Tensor& b) {
  return a.dtype() == kBool && b.dtype() == kBool;
}

Tensor as_bool(const Tensor& x) { return x.dtype() == kBool ? x : ne(x, 0); }

Tensor apply_logical(const OpDef& op, const Tensor& a, const Tensor& b) {
  return apply(op, as_bool(a), as_bool(b));
}

// base to a power that is known on the host. The powers that models use are products and roots,
// much cheaper than the general one, and are PyTorch's in how they treat zeros and infinities.
Tensor pow_of_number(const Tensor& base, const Tensor& exponent) {
  const DType dtype = result_type({&base, &exponent});
  const double e = exponent.item<double>();
  const bool floating = is_floating_point(dtype);
  if (!floating && e < 0) {
    raise_op_error("pow", absl::InvalidArgumentError(
                              absl::StrCat("an integer base with the negative integer exponent ", e,
                                           "; convert the base to floating point")));
  }
  if (!base.impl().is_immediate && dtype != kBool) {
    const Tensor x = base.to(dtype);
    if (e == 1) return x.clone();
    if (e == 2) return square(x);
    if (e == 3) return square(x) * x;
    if (floating && e == 0.5) return sqrt(x);
    if (floating && e == -0.5) return rsqrt(x);
    if (floating && e == -1) return reciprocal(x);
    if (floating && e == -2) return square(reciprocal(x));
  }
  return apply(kPow, base, exponent);
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_or(a, b) : apply(kAdd, a, b);
}
Tensor sub(const Tensor& a, const Tensor& b) { return apply(kSub, a, b); }
Tensor mul(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_and(a, b) : apply(kMul, a, b);
}
Tensor div(const Tensor& a, const Tensor& b) { return apply_floating(kDiv, a, b); }
Tensor floor_divide(const Tensor& a, const Tensor& b) { return apply(kFloorDivide, a, b); }
Tensor trunc_divide(const Tensor& a, const Tensor& b) { return apply(kTruncDivide, a, b); }
Tensor remainder(const Tensor& a, const Tensor& b) { return apply(kRemainder, a, b); }
Tensor fmod(const Tensor& a, const Tensor& b) { return apply(kFmod, a, b); }
Tensor pow(const Tensor& base, const Tensor& exponent) {
  return exponent.impl().is_immediate ? pow_of_number(base, exponent) : apply(kPow, base, exponent);
}
Tensor maximum(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_or(a, b) : apply(kMaximum, a, b);
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_and(a, b) : apply(kMinimum, a, b);
}
Tensor atan2(const Tensor& y, const Tensor& x) { return apply_floating(kAtan2, y, x); }

Tensor eq(const Tensor& a, const Tensor& b) { return apply(kEq, a, b); }
Tensor ne(const Tensor& a, const Tensor& b) { return apply(kNe, a, b); }
Tensor lt(const Tensor& a, const Tensor& b) { return apply(kLt, a, b); }
Tensor le(const Tensor& a, const Tensor& b) { return apply(kLe, a, b); }
Tensor gt(const Tensor& a, const Tensor& b) { return apply(kGt, a, b); }
Tensor ge(const Tensor& a, const Tensor& b) { return apply(kGe, a, b); }

Tensor logical_and(const Tensor& a, const Tensor& b) { return apply_logical(kLogicalAnd, a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return apply_logical(kLogicalOr, a, b); }
Tensor logical_xor(const Tensor& a, const Tensor& b) { return apply_logical(kLogicalXor, a, b); }

Tensor bitwise_and(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_and(a, b) : apply(kBitwiseAnd, a, b);
}
Tensor bitwise_or(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_or(a, b) : apply(kBitwiseOr, a, b);
}
Tensor bitwise_xor(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_xor(a, b) : apply(kBitwiseXor, a, b);
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

Tensor relu_backward(Tensor g, const Tensor& y) {
  return dispatch_over(kReluBackward, std::move(g), {&y});
}
Tensor sigmoid_backward(Tensor g, const Tensor& y) {
  return dispatch_over(kSigmoidBackward, std::move(g), {&y});
}
Tensor tanh_backward(Tensor g, const Tensor& y) {
  return dispatch_over(kTanhBackward, std::move(g), {&y});
}
Tensor silu_backward(Tensor g, const Tensor& x) {
  return dispatch_over(kSiluBackward, std::move(g), {&x});
}
Tensor gelu_backward(Tensor g, const Tensor& x) {
  return dispatch_over(kGeluBackward, std::move(g), {&x});
}
Tensor gelu_tanh_backward(Tensor g, const Tensor& x) {
  return dispatch_over(kGeluTanhBackward, std::move(g), {&x});
}

Tensor Tensor::add(const Tensor& other) const { return tessera::add(*this, other); }
Tensor Tensor::sub(const Tensor& other) const { return tessera::sub(*this, other); }
Tensor Tensor::mul(const Tensor& other) const { return tessera::mul(*this, other); }
Tensor Tensor::div(const Tensor& other) const { return tessera::div(*this, other); }
Tensor Tensor::pow(const Tensor& exponent) const { return tessera::pow(*this, exponent); }
Tensor Tensor::maximum(const Tensor& other) const { return tessera::maximum(*this, other); }
Tensor Tensor::minimum(const Tensor& other) const { return tessera::minimum(*this, other); }
Tensor Tensor::eq(const Tensor& other) const { return tessera::eq(*this, other); }
Tensor Tensor::ne(const Tensor& other) const { return tessera::ne(*this, other); }
Tensor Tensor::lt(const Tensor& other) const { return tessera::lt(*this, other); }
Tensor Tensor::le(const Tensor& other) const { return tessera::le(*this, other); }
Tensor Tensor::gt(const Tensor& other) const { return tessera::gt(*this, other); }
Tensor Tensor::ge(const Tensor& other) const { return tessera::ge(*this, other); }
Tensor Tensor::floor_divide(const Tensor& other) const {
  return tessera::floor_divide(*this, other);
}
Tensor Tensor::remainder(const Tensor& other) const { return tessera::remainder(*this, other); }
Tensor Tensor::fmod(const Tensor& other) const { return tessera::fmod(*this, other); }
Tensor Tensor::atan2(const Tensor& other) const { return tessera::atan2(*this, other); }
Tensor Tensor::logical_and(const Tensor& other) const { return tessera::logical_and(*this, other); }
Tensor Tensor::logical_or(const Tensor& other) const { return tessera::logical_or(*this, other); }
Tensor Tensor::logical_xor(const Tensor& other) const { return tessera::logical_xor(*this, other); }
Tensor Tensor::bitwise_and(const Tensor& other) const { return tessera::bitwise_and(*this, other); }
Tensor Tensor::bitwise_or(const Tensor& other) const { return tessera::bitwise_or(*this, other); }
Tensor Tensor::bitwise_xor(const Tensor& other) const { return tessera::bitwise_xor(*this, other); }
Tensor Tensor::where(const Tensor& condition, const Tensor& other) const {
  return tessera::where(condition, *this, other);
}

Tensor& Tensor::add_(const Tensor& other) { return update(*this, kAdd, "add_", other); }
Tensor& Tensor::sub_(const Tensor& other) { return update(*this, kSub, "sub_", other); }
Tensor& Tensor::mul_(const Tensor& other) { return update(*this, kMul, "mul_", other); }
Tensor& Tensor::div_(const Tensor& other) { return update(*this, kDiv, "div_", other); }
Tensor& Tensor::floor_divide_(const Tensor& other) {
  return update(*this, kFloorDivide, "floor_divide_", other);
}
Tensor& Tensor::remainder_(const Tensor& other) {
  return update(*this, kRemainder, "remainder_", other);
}
Tensor& Tensor::fmod_(const Tensor& other) { return update(*this, kFmod, "fmod_", other); }
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

absl::Span<const OpDef* const> binary_ops() {
  static const OpDef* const kOps[] = {&kAdd,
                                      &kSub,
                                      &kMul,
                                      &kDiv,
                                      &kPow,
                                      &kMaximum,
                                      &kMinimum,
                                      &kRemainder,
                                      &kFmod,
                                      &kFloorDivide,
                                      &kTruncDivide,
                                      &kAtan2,
                                      &kEq,
                                      &kNe,
                                      &kLt,
                                      &kLe,
                                      &kGt,
                                      &kGe,
                                      &kLogicalAnd,
                                      &kLogicalOr,
                                      &kLogicalXor,
                                      &kBitwiseAnd,
                                      &kBitwiseOr,
                                      &kBitwiseXor,
                                      &kWhere,
                                      &kReluBackward,
                                      &kSigmoidBackward,
                                      &kTanhBackward,
                                      &kSiluBackward,
                                      &kGeluBackward,
                                      &kGeluTanhBackward};
  return kOps;
}

}  // namespace tessera
