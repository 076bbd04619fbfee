// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/binary.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary_op.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

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

const OpDef kAdd = binary_op(
    "add", 0,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad());
      if (c.needs(1)) c.set(1, c.grad());
    },
    number_pairs);
const OpDef kSub = binary_op(
    "sub", 0,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad());
      if (c.needs(1)) c.set(1, -c.grad());
    },
    number_pairs);
const OpDef kMul = binary_op(
    "mul", kBoth,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad() * c.input(1));
      if (c.needs(1)) c.set(1, c.grad() * c.input(0));
    },
    number_pairs);
const OpDef kDiv = binary_op(
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

const OpDef kPow = binary_op(
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
const OpDef kMaximum = binary_op(
    "maximum", kBoth,
    [](VjpContext& c) {
      Tensor ties = c.input(0) == c.input(1);
      if (c.needs(0)) c.set(0, share(c.grad(), c.input(0) > c.input(1), ties));
      if (c.needs(1)) c.set(1, share(c.grad(), c.input(1) > c.input(0), ties));
    },
    number_pairs);
const OpDef kMinimum = binary_op(
    "minimum", kBoth,
    [](VjpContext& c) {
      Tensor ties = c.input(0) == c.input(1);
      if (c.needs(0)) c.set(0, share(c.grad(), c.input(0) < c.input(1), ties));
      if (c.needs(1)) c.set(1, share(c.grad(), c.input(1) < c.input(0), ties));
    },
    number_pairs);
const OpDef kRemainder = binary_op(
    "remainder", kBoth,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, c.grad());
      if (c.needs(1)) c.set(1, -c.grad() * floor_divide(c.input(0), c.input(1)));
    },
    quotients);
const OpDef kFmod = binary_op(
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
const OpDef kFloorDivide = binary_op("floor_divide", 0, zero_gradients, quotients);
const OpDef kTruncDivide = binary_op("trunc_divide", 0, zero_gradients, quotients);
const OpDef kAtan2 = binary_op(
    "atan2", kBoth,
    [](VjpContext& c) {
      Tensor scaled = c.grad() / (square(c.input(0)) + square(c.input(1)));
      if (c.needs(0)) c.set(0, scaled * c.input(1));
      if (c.needs(1)) c.set(1, -scaled * c.input(0));
    },
    real_quotients, infer_elementwise_floating);

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
  return apply_binary(kPow, base, exponent);
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_or(a, b) : apply_binary(kAdd, a, b);
}
Tensor sub(const Tensor& a, const Tensor& b) { return apply_binary(kSub, a, b); }
Tensor mul(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_and(a, b) : apply_binary(kMul, a, b);
}
Tensor div(const Tensor& a, const Tensor& b) { return apply_floating(kDiv, a, b); }
Tensor floor_divide(const Tensor& a, const Tensor& b) { return apply_binary(kFloorDivide, a, b); }
Tensor trunc_divide(const Tensor& a, const Tensor& b) { return apply_binary(kTruncDivide, a, b); }
Tensor remainder(const Tensor& a, const Tensor& b) { return apply_binary(kRemainder, a, b); }
Tensor fmod(const Tensor& a, const Tensor& b) { return apply_binary(kFmod, a, b); }
Tensor pow(const Tensor& base, const Tensor& exponent) {
  return exponent.impl().is_immediate ? pow_of_number(base, exponent)
                                      : apply_binary(kPow, base, exponent);
}
Tensor maximum(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_or(a, b) : apply_binary(kMaximum, a, b);
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  return both_bool(a, b) ? logical_and(a, b) : apply_binary(kMinimum, a, b);
}
Tensor atan2(const Tensor& y, const Tensor& x) { return apply_floating(kAtan2, y, x); }

Tensor Tensor::add(const Tensor& other) const { return tessera::add(*this, other); }
Tensor Tensor::sub(const Tensor& other) const { return tessera::sub(*this, other); }
Tensor Tensor::mul(const Tensor& other) const { return tessera::mul(*this, other); }
Tensor Tensor::div(const Tensor& other) const { return tessera::div(*this, other); }
Tensor Tensor::pow(const Tensor& exponent) const { return tessera::pow(*this, exponent); }
Tensor Tensor::maximum(const Tensor& other) const { return tessera::maximum(*this, other); }
Tensor Tensor::minimum(const Tensor& other) const { return tessera::minimum(*this, other); }
Tensor Tensor::floor_divide(const Tensor& other) const {
  return tessera::floor_divide(*this, other);
}
Tensor Tensor::remainder(const Tensor& other) const { return tessera::remainder(*this, other); }
Tensor Tensor::fmod(const Tensor& other) const { return tessera::fmod(*this, other); }
Tensor Tensor::atan2(const Tensor& other) const { return tessera::atan2(*this, other); }
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
Tensor& Tensor::atan2_(const Tensor& other) { return update(*this, kAtan2, "atan2_", other); }

absl::Span<const OpDef* const> binary_ops() {
  static const OpDef* const kOps[] = {&kAdd,  &kSub,         &kMul,         &kDiv,
                                      &kPow,  &kMaximum,     &kMinimum,     &kRemainder,
                                      &kFmod, &kFloorDivide, &kTruncDivide, &kAtan2};
  return kOps;
}

}  // namespace tessera
