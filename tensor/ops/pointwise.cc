// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/pointwise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Whether x is the C++ number `value`.
bool is_number(const Tensor& x, double value) {
  return x.impl().is_immediate && x.item<double>() == value;
}

// value * x, without a multiplication by one.
Tensor scaled(const Tensor& x, const Tensor& value) { return is_number(value, 1) ? x : x * value; }

double largest(DType dtype) {
  switch (dtype) {
    case kFloat64:
      return std::numeric_limits<double>::max();
    case kFloat16:
      return 65504;
    case kBFloat16:
      return 3.3895313892515355e38;
    default:
      return std::numeric_limits<float>::max();
  }
}

std::vector<Sample> clamps(const OpDef&) {
  std::vector<Sample> samples = with_integer_samples(elementwise_samples(2, -3, 3, -2, -1), 2, -2);
  for (Sample& s : samples) {
    SampleTensor high = s.inputs[1];
    high.low = 1;
    high.high = 4;
    std::rotate(high.values.begin(), high.values.begin() + high.values.size() / 3,
                high.values.end());
    s.inputs.push_back(std::move(high));
  }
  samples.push_back(error_sample("ShapesDiffer", {arg({3}), arg({3}), arg({4})}));
  samples.push_back(error_sample("DTypesDiffer", {arg({3}), arg({3}), arg({3}, 0, 5, kInt64)}));
  return samples;
}

// The lesser of c and (the greater of a and b).
const OpDef kClamp = {
    .name = "clamp",
    .infer = infer_elementwise,
    .vjp =
        [](VjpContext& c) {
          const Tensor &x = c.input(0), &low = c.input(1), &high = c.input(2);
          if (c.needs(0)) c.set(0, where((x >= low) & (x <= high), c.grad(), 0));
          if (c.needs(1)) c.set(1, where((x < low) & (low < high), c.grad(), 0));
          if (c.needs(2)) c.set(2, where((x > high) | (high < low), c.grad(), 0));
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return std::vector<Tensor>{minimum(maximum(*in[0], *in[1]), *in[2])};
        },
    .saved_inputs = 7,
    .traits = kElementwise,
    .samples = clamps,
};

bool is_given(const std::optional<Tensor>& bound) { return bound.has_value() && bound->defined(); }

DType shifted_type(std::string_view op, const Tensor& x, const Tensor& n) {
  const DType dtype = result_type({&x, &n});
  if (!is_integral(dtype)) {
    raise_op_error(
        op, absl::InvalidArgumentError(absl::StrCat("wants integers, got ", dtype_name(x.dtype()),
                                                    " and ", dtype_name(n.dtype()))));
  }
  return dtype;
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b, const Tensor& alpha) { return a + scaled(b, alpha); }
Tensor sub(const Tensor& a, const Tensor& b, const Tensor& alpha) { return a - scaled(b, alpha); }

Tensor div(const Tensor& a, const Tensor& b, RoundingMode rounding_mode) {
  switch (rounding_mode) {
    case RoundingMode::kTrunc:
      return trunc_divide(a, b);
    case RoundingMode::kFloor:
      return floor_divide(a, b);
    case RoundingMode::kNone:
      break;
  }
  return div(a, b);
}

Tensor addcmul(const Tensor& x, const Tensor& tensor1, const Tensor& tensor2, const Tensor& value) {
  return x + scaled(tensor1, value) * tensor2;
}

Tensor addcdiv(const Tensor& x, const Tensor& tensor1, const Tensor& tensor2, const Tensor& value) {
  if (!is_floating_point(tensor1.dtype()) && !is_floating_point(tensor2.dtype())) {
    raise_op_error("addcdiv",
                   absl::InvalidArgumentError(absl::StrCat(
                       "divides floating point numbers, got ", dtype_name(tensor1.dtype()), " and ",
                       dtype_name(tensor2.dtype()), "; convert them, or use addcmul")));
  }
  return x + scaled(tensor1, value) / tensor2;
}

Tensor lerp(const Tensor& start, const Tensor& end, const Tensor& weight) {
  const Tensor way = end - start;
  if (weight.impl().is_immediate) {
    const double w = weight.item<double>();
    return std::abs(w) < 0.5 ? start + way * w : end - way * (1 - w);
  }
  return where(abs(weight) < 0.5, start + way * weight, end - way * (1 - weight));
}

Tensor logit(const Tensor& x, std::optional<double> eps) {
  Tensor p = is_floating_point(x.dtype()) ? x : x.to(kFloat32);
  if (eps.has_value()) p = clamp(p, *eps, 1 - *eps);
  const Tensor odds = log(p) - log1p(-p);
  if (eps.has_value()) return odds;
  // The logarithms are nan outside [0, 1]; this makes their derivatives so.
  return odds * where((p >= 0) & (p <= 1), 1, kNan).to(p.dtype());
}

Tensor frac(const Tensor& x) {
  if (!is_floating_point(x.dtype())) {
    raise_op_error("frac", absl::InvalidArgumentError(absl::StrCat(
                               "wants a floating point dtype, got ", dtype_name(x.dtype()))));
  }
  return x - trunc(x);
}

Tensor nan_to_num(const Tensor& x, double nan, std::optional<double> posinf,
                  std::optional<double> neginf) {
  if (!is_floating_point(x.dtype())) return x;
  const Tensor low = where(x == -kInfinity, neginf.value_or(-largest(x.dtype())), x);
  const Tensor bounded = where(x == kInfinity, posinf.value_or(largest(x.dtype())), low);
  return where(isnan(x), nan, bounded);
}

Tensor clamp(const Tensor& x, std::optional<Tensor> min, std::optional<Tensor> max) {
  const bool has_min = is_given(min), has_max = is_given(max);
  if (!has_min && !has_max) {
    raise_op_error("clamp", absl::InvalidArgumentError("wants min, max or both"));
  }
  const Tensor low = has_min ? *min : Tensor(-kInfinity), high = has_max ? *max : Tensor(kInfinity);
  const DType dtype = has_min && has_max ? result_type({&x, &low, &high})
                                         : result_type({&x, has_min ? &low : &high});
  // Integers have no infinity to stand for a bound, and bool has no clamp of its own.
  if (!is_floating_point(dtype)) {
    const Tensor raised = has_min ? maximum(x, low) : x;
    return has_max ? minimum(raised, high) : raised;
  }
  const Shape shape = broadcast_operands("clamp", {&x, &low, &high});
  const Tensor a = as_operand(x, dtype, shape), b = as_operand(low, dtype, shape),
               c = as_operand(high, dtype, shape);
  return dispatch(kClamp, {&a, &b, &c});
}
Tensor clamp_min(const Tensor& x, const Tensor& min) { return clamp(x, min); }
Tensor clamp_max(const Tensor& x, const Tensor& max) { return clamp(x, std::nullopt, max); }

Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  if (value.numel() != 1) {
    raise_op_error("masked_fill",
                   absl::InvalidArgumentError(absl::StrCat("value must have one element, got ",
                                                           value.shape().to_string())));
  }
  Tensor in_dtype = value.impl().is_immediate ? cast_immediate(value, x.dtype())
                                              : value.to(x.dtype()).reshape({});
  return where(mask, in_dtype, x);
}

Tensor bitwise_left_shift(const Tensor& x, const Tensor& n) {
  const DType dtype = shifted_type("bitwise_left_shift", x, n);
  // Powers of two wrap to zero from the width on, and truncate to zero below exponent zero.
  if (!n.impl().is_immediate) return x * pow(2, n.to(dtype));
  const int64_t count = n.item<int64_t>();
  return x * (count >= 0 && count < 64 ? int64_t{1} << count : 0);
}

Tensor bitwise_right_shift(const Tensor& x, const Tensor& n) {
  const DType dtype = shifted_type("bitwise_right_shift", x, n);
  const int64_t value_bits = 8 * itemsize(dtype) - (dtype == kUInt8 ? 0 : 1);
  if (!n.impl().is_immediate) {
    const Tensor whole = floor_divide(x, pow(2, n.to(dtype)));
    return where((n >= 0) & (n < value_bits), whole, where(x < 0, -1, 0).to(dtype));
  }
  const int64_t count = n.item<int64_t>();
  if (count < 0 || count >= value_bits) return where(x < 0, -1, 0).to(dtype);
  return floor_divide(x, int64_t{1} << count);
}

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  if (!(rtol >= 0 && atol >= 0)) {
    raise_op_error("isclose",
                   absl::InvalidArgumentError(absl::StrCat(
                       "rtol and atol must not be negative, got ", rtol, " and ", atol)));
  }
  NoGradGuard no_grad;
  Tensor close = eq(a, b);
  if (equal_nan) close = close | (isnan(a) & isnan(b));
  if (rtol == 0 && atol == 0) return close;
  DType dtype = result_type({&a, &b});
  dtype = !is_floating_point(dtype) ? kInt64 : dtype == kFloat64 ? kFloat64 : kFloat32;
  const Tensor x = a.to(dtype), y = b.to(dtype);
  const Tensor distance = abs(x - y);
  return close | ((distance <= abs(y) * rtol + atol) & isfinite(distance));
}

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  return a.shape() == b.shape() && all(isclose(a, b, rtol, atol, equal_nan)).item<bool>();
}

bool equal(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  NoGradGuard no_grad;
  return all(eq(a, b)).item<bool>();
}

absl::Span<const OpDef* const> pointwise_ops() {
  static const OpDef* const kOps[] = {&kClamp};
  return kOps;
}

// ---- Methods ----

Tensor Tensor::add(const Tensor& other, const Tensor& alpha) const {
  return tessera::add(*this, other, alpha);
}
Tensor Tensor::sub(const Tensor& other, const Tensor& alpha) const {
  return tessera::sub(*this, other, alpha);
}
Tensor Tensor::div(const Tensor& other, RoundingMode rounding_mode) const {
  return tessera::div(*this, other, rounding_mode);
}
Tensor Tensor::lerp(const Tensor& end, const Tensor& weight) const {
  return tessera::lerp(*this, end, weight);
}
Tensor Tensor::addcmul(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value) const {
  return tessera::addcmul(*this, tensor1, tensor2, value);
}
Tensor Tensor::addcdiv(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value) const {
  return tessera::addcdiv(*this, tensor1, tensor2, value);
}
Tensor Tensor::logit(std::optional<double> eps) const { return tessera::logit(*this, eps); }
Tensor Tensor::frac() const { return tessera::frac(*this); }
Tensor Tensor::nan_to_num(double nan, std::optional<double> posinf,
                          std::optional<double> neginf) const {
  return tessera::nan_to_num(*this, nan, posinf, neginf);
}
Tensor Tensor::bitwise_left_shift(const Tensor& n) const {
  return tessera::bitwise_left_shift(*this, n);
}
Tensor Tensor::bitwise_right_shift(const Tensor& n) const {
  return tessera::bitwise_right_shift(*this, n);
}
Tensor Tensor::clamp(std::optional<Tensor> min, std::optional<Tensor> max) const {
  return tessera::clamp(*this, std::move(min), std::move(max));
}
Tensor Tensor::clamp_min(const Tensor& min) const { return tessera::clamp_min(*this, min); }
Tensor Tensor::clamp_max(const Tensor& max) const { return tessera::clamp_max(*this, max); }
Tensor Tensor::masked_fill(const Tensor& mask, const Tensor& value) const {
  return tessera::masked_fill(*this, mask, value);
}
Tensor Tensor::isclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  return tessera::isclose(*this, other, rtol, atol, equal_nan);
}
bool Tensor::allclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  return tessera::allclose(*this, other, rtol, atol, equal_nan);
}
bool Tensor::equal(const Tensor& other) const { return tessera::equal(*this, other); }

Tensor& Tensor::add_(const Tensor& other, const Tensor& alpha) {
  return is_number(alpha, 1) ? add_(other) : add_(other * alpha);
}
Tensor& Tensor::sub_(const Tensor& other, const Tensor& alpha) {
  return is_number(alpha, 1) ? sub_(other) : sub_(other * alpha);
}
Tensor& Tensor::div_(const Tensor& other, RoundingMode rounding_mode) {
  return update(*this, "div_", {this, &other}, [&] { return div(other, rounding_mode); });
}
Tensor& Tensor::logit_(std::optional<double> eps) {
  return update(*this, "logit_", {this}, [&] { return logit(eps); });
}
Tensor& Tensor::frac_() {
  return update(*this, "frac_", {this}, [&] { return frac(); });
}
Tensor& Tensor::bitwise_left_shift_(const Tensor& n) {
  return update(*this, "bitwise_left_shift_", {this, &n}, [&] { return bitwise_left_shift(n); });
}
Tensor& Tensor::bitwise_right_shift_(const Tensor& n) {
  return update(*this, "bitwise_right_shift_", {this, &n}, [&] { return bitwise_right_shift(n); });
}
Tensor& Tensor::pow_(const Tensor& exponent) {
  return update(*this, "pow_", {this, &exponent}, [&] { return pow(exponent); });
}
Tensor& Tensor::lerp_(const Tensor& end, const Tensor& weight) {
  return update(*this, "lerp_", {this, &end, &weight}, [&] { return lerp(end, weight); });
}
Tensor& Tensor::addcmul_(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value) {
  return update(*this, "addcmul_", {this, &tensor1, &tensor2, &value},
                [&] { return addcmul(tensor1, tensor2, value); });
}
Tensor& Tensor::addcdiv_(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value) {
  return update(*this, "addcdiv_", {this, &tensor1, &tensor2, &value},
                [&] { return addcdiv(tensor1, tensor2, value); });
}
Tensor& Tensor::nan_to_num_(double nan, std::optional<double> posinf,
                            std::optional<double> neginf) {
  return update(*this, "nan_to_num_", {this}, [&] { return nan_to_num(nan, posinf, neginf); });
}
Tensor& Tensor::clamp_(std::optional<Tensor> min, std::optional<Tensor> max) {
  const Tensor low = min.value_or(Tensor()), high = max.value_or(Tensor());
  return update(*this, "clamp_", {this, &low, &high}, [&] { return clamp(low, high); });
}
Tensor& Tensor::clamp_min_(const Tensor& min) {
  return update(*this, "clamp_min_", {this, &min}, [&] { return clamp_min(min); });
}
Tensor& Tensor::clamp_max_(const Tensor& max) {
  return update(*this, "clamp_max_", {this, &max}, [&] { return clamp_max(max); });
}
Tensor& Tensor::masked_fill_(const Tensor& mask, const Tensor& value) {
  return update(*this, "masked_fill_", {this, &value}, [&] { return masked_fill(mask, value); });
}

}  // namespace tessera
