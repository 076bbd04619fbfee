// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/unary.h"

#include <cmath>
#include <utility>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

constexpr double kLn2 = 0.6931471805599453;
constexpr double kLn10 = 2.302585092994046;
constexpr double kTwoOverSqrtPi = 1.1283791670955126;
constexpr double kHalfSqrtPi = 0.8862269254527580;

// What the gradient reads, besides the gradient of the output.
enum Reads { kNothing, kInput, kOutput };

constexpr OpDef floating(std::string_view name, Reads reads, Vjp vjp, Samples samples) {
  return {.name = name,
          .infer = infer_elementwise_floating,
          .vjp = vjp,
          .saved_inputs = reads == kInput ? 1u : 0u,
          .saved_outputs = reads == kOutput ? 1u : 0u,
          .traits = kElementwise,
          .samples = samples};
}

constexpr OpDef numeric(std::string_view name, Reads reads, Vjp vjp, Samples samples) {
  return {.name = name,
          .infer = infer_elementwise,
          .vjp = vjp,
          .saved_inputs = reads == kInput ? 1u : 0u,
          .saved_outputs = reads == kOutput ? 1u : 0u,
          .traits = kElementwise,
          .samples = samples};
}

constexpr OpDef predicate(std::string_view name) {
  return {.name = name,
          .infer =
              [](InferContext& c) {
                TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
                return infer_compare(c);
              },
          .traits = kElementwise,
          .samples = [](const OpDef&) { return unary_samples(); }};
}

// Random values in [low, high), where the function is smooth.
template <int low_tenths, int high_tenths>
std::vector<Sample> in_range(const OpDef&) {
  return unary_samples(low_tenths / 10.0, high_tenths / 10.0);
}

std::vector<Sample> numbers(const OpDef&) { return with_integer_samples(unary_samples(), 1); }

// Whole numbers are kinks: finite differences do not apply near them.
std::vector<Sample> steps(const OpDef&) {
  std::vector<Sample> samples = unary_samples();
  for (Sample& s : samples) s.differentiable = false;
  return samples;
}

constexpr Samples kAnywhere = in_range<-30, 30>;
constexpr Samples kPositive = in_range<2, 30>;

void zero_gradient(VjpContext& c) { c.set(0, zeros_like(c.grad())); }

// ---- The ops: name, what the gradient reads, the gradient, where it is examined ----

const OpDef kNeg = numeric(
    "neg", kNothing, [](VjpContext& c) { c.set(0, -c.grad()); }, numbers);
const OpDef kAbs = numeric(
    "abs", kInput, [](VjpContext& c) { c.set(0, c.grad() * sign(c.input(0))); }, numbers);
const OpDef kSign = numeric("sign", kNothing, zero_gradient, numbers);
const OpDef kSquare = numeric(
    "square", kInput, [](VjpContext& c) { c.set(0, c.grad() * c.input(0) * 2); }, numbers);
const OpDef kRelu = numeric(
    "relu", kOutput, [](VjpContext& c) { c.set(0, relu_backward(c.take_grad(), c.output(0))); },
    numbers);

const OpDef kExp = floating(
    "exp", kOutput, [](VjpContext& c) { c.set(0, c.grad() * c.output(0)); }, kAnywhere);
const OpDef kExp2 = floating(
    "exp2", kOutput, [](VjpContext& c) { c.set(0, c.grad() * c.output(0) * kLn2); }, kAnywhere);
const OpDef kExpm1 = floating(
    "expm1", kOutput, [](VjpContext& c) { c.set(0, c.grad() * (c.output(0) + 1)); }, kAnywhere);
const OpDef kLog = floating(
    "log", kInput, [](VjpContext& c) { c.set(0, c.grad() / c.input(0)); }, kPositive);
const OpDef kLog2 = floating(
    "log2", kInput, [](VjpContext& c) { c.set(0, c.grad() / (c.input(0) * kLn2)); }, kPositive);
const OpDef kLog10 = floating(
    "log10", kInput, [](VjpContext& c) { c.set(0, c.grad() / (c.input(0) * kLn10)); }, kPositive);
const OpDef kLog1p = floating(
    "log1p", kInput, [](VjpContext& c) { c.set(0, c.grad() / (c.input(0) + 1)); },
    in_range<-8, 30>);
const OpDef kSqrt = floating(
    "sqrt", kOutput, [](VjpContext& c) { c.set(0, c.grad() / (c.output(0) * 2)); }, kPositive);
const OpDef kRsqrt = floating(
    "rsqrt", kOutput,
    [](VjpContext& c) {
      const Tensor& y = c.output(0);
      c.set(0, c.grad() * (y * y * y) * -0.5);
    },
    kPositive);
const OpDef kReciprocal = floating(
    "reciprocal", kOutput, [](VjpContext& c) { c.set(0, -c.grad() * square(c.output(0))); },
    kPositive);
const OpDef kSin = floating(
    "sin", kInput, [](VjpContext& c) { c.set(0, c.grad() * cos(c.input(0))); }, kAnywhere);
const OpDef kCos = floating(
    "cos", kInput, [](VjpContext& c) { c.set(0, -c.grad() * sin(c.input(0))); }, kAnywhere);
const OpDef kTan = floating(
    "tan", kOutput, [](VjpContext& c) { c.set(0, c.grad() * (square(c.output(0)) + 1)); },
    in_range<-12, 12>);
const OpDef kAsin = floating(
    "asin", kInput, [](VjpContext& c) { c.set(0, c.grad() * rsqrt(1 - square(c.input(0)))); },
    in_range<-9, 9>);
const OpDef kAcos = floating(
    "acos", kInput, [](VjpContext& c) { c.set(0, -c.grad() * rsqrt(1 - square(c.input(0)))); },
    in_range<-9, 9>);
const OpDef kAtan = floating(
    "atan", kInput, [](VjpContext& c) { c.set(0, c.grad() / (square(c.input(0)) + 1)); },
    kAnywhere);
const OpDef kSinh = floating(
    "sinh", kInput, [](VjpContext& c) { c.set(0, c.grad() * cosh(c.input(0))); }, kAnywhere);
const OpDef kCosh = floating(
    "cosh", kInput, [](VjpContext& c) { c.set(0, c.grad() * sinh(c.input(0))); }, kAnywhere);
const OpDef kTanh = floating(
    "tanh", kOutput, [](VjpContext& c) { c.set(0, tanh_backward(c.take_grad(), c.output(0))); },
    kAnywhere);
const OpDef kErf = floating(
    "erf", kInput,
    [](VjpContext& c) { c.set(0, c.grad() * exp(-square(c.input(0))) * kTwoOverSqrtPi); },
    kAnywhere);
const OpDef kErfinv = floating(
    "erfinv", kOutput,
    [](VjpContext& c) { c.set(0, c.grad() * exp(square(c.output(0))) * kHalfSqrtPi); },
    in_range<-9, 9>);
const OpDef kFloor = floating("floor", kNothing, zero_gradient, steps);
const OpDef kCeil = floating("ceil", kNothing, zero_gradient, steps);
const OpDef kRound = floating("round", kNothing, zero_gradient, steps);
const OpDef kTrunc = floating("trunc", kNothing, zero_gradient, steps);
const OpDef kSigmoid = floating(
    "sigmoid", kOutput,
    [](VjpContext& c) { c.set(0, sigmoid_backward(c.take_grad(), c.output(0))); }, kAnywhere);
const OpDef kSilu = floating(
    "silu", kInput, [](VjpContext& c) { c.set(0, silu_backward(c.take_grad(), c.input(0))); },
    kAnywhere);
const OpDef kGelu = floating(
    "gelu", kInput, [](VjpContext& c) { c.set(0, gelu_backward(c.take_grad(), c.input(0))); },
    kAnywhere);
const OpDef kGeluTanh = floating(
    "gelu_tanh", kInput,
    [](VjpContext& c) { c.set(0, gelu_tanh_backward(c.take_grad(), c.input(0))); }, kAnywhere);
const OpDef kSoftplus = floating(
    "softplus", kInput, [](VjpContext& c) { c.set(0, c.grad() * sigmoid(c.input(0))); }, kAnywhere);
const OpDef kLogsigmoid = floating(
    "logsigmoid", kInput, [](VjpContext& c) { c.set(0, c.grad() * sigmoid(-c.input(0))); },
    kAnywhere);

const OpDef kIsNan = predicate("isnan");
const OpDef kIsInf = predicate("isinf");
const OpDef kIsFinite = predicate("isfinite");
const OpDef kLogicalNot = {.name = "logical_not",
                           .infer = infer_logical,
                           .traits = kElementwise,
                           .samples = [](const OpDef&) { return bool_samples(1); }};
const OpDef kBitwiseNot = {.name = "bitwise_not",
                           .infer = infer_elementwise_integer,
                           .traits = kElementwise,
                           .samples = [](const OpDef&) { return with_integer_samples({}, 1); }};

Tensor in_floating_point(const Tensor& x) {
  DType dtype = x.dtype();
  if (x.impl().is_immediate) return cast_immediate(x, result_type({&x}));
  return is_floating_point(dtype) ? x : x.to(to_floating_point(dtype));
}

Tensor apply_floating(const OpDef& op, const Tensor& x) {
  if (is_floating_point(x.dtype()) && !x.impl().is_immediate) [[likely]]
    return dispatch(op, {&x});
  Tensor real = in_floating_point(x);
  return dispatch(op, {&real});
}

Tensor apply_floating_over(const OpDef& op, Tensor&& x) {
  if (is_floating_point(x.dtype()) && !x.impl().is_immediate) [[likely]]
    return dispatch_over(op, std::move(x));
  return apply_floating(op, x);
}

Tensor apply_step(const OpDef& op, const Tensor& x) {
  return is_integral(x.dtype()) ? x : apply_floating(op, x);
}

Tensor& update_step(Tensor& x, const OpDef& op, std::string_view name) {
  return is_integral(x.dtype()) ? x : update(x, op, name);
}

}  // namespace

Tensor neg(const Tensor& x) { return dispatch(kNeg, {&x}); }
Tensor abs(const Tensor& x) { return dispatch(kAbs, {&x}); }
Tensor sign(const Tensor& x) { return dispatch(kSign, {&x}); }
Tensor square(const Tensor& x) { return dispatch(kSquare, {&x}); }
Tensor relu(const Tensor& x) { return dispatch(kRelu, {&x}); }
Tensor relu(Tensor&& x) { return dispatch_over(kRelu, std::move(x)); }
Tensor exp(const Tensor& x) { return apply_floating(kExp, x); }
Tensor exp2(const Tensor& x) { return apply_floating(kExp2, x); }
Tensor expm1(const Tensor& x) { return apply_floating(kExpm1, x); }
Tensor log(const Tensor& x) { return apply_floating(kLog, x); }
Tensor log2(const Tensor& x) { return apply_floating(kLog2, x); }
Tensor log10(const Tensor& x) { return apply_floating(kLog10, x); }
Tensor log1p(const Tensor& x) { return apply_floating(kLog1p, x); }
Tensor sqrt(const Tensor& x) { return apply_floating(kSqrt, x); }
Tensor rsqrt(const Tensor& x) { return apply_floating(kRsqrt, x); }
Tensor reciprocal(const Tensor& x) { return apply_floating(kReciprocal, x); }
Tensor sin(const Tensor& x) { return apply_floating(kSin, x); }
Tensor cos(const Tensor& x) { return apply_floating(kCos, x); }
Tensor tan(const Tensor& x) { return apply_floating(kTan, x); }
Tensor asin(const Tensor& x) { return apply_floating(kAsin, x); }
Tensor acos(const Tensor& x) { return apply_floating(kAcos, x); }
Tensor atan(const Tensor& x) { return apply_floating(kAtan, x); }
Tensor sinh(const Tensor& x) { return apply_floating(kSinh, x); }
Tensor cosh(const Tensor& x) { return apply_floating(kCosh, x); }
Tensor tanh(const Tensor& x) { return apply_floating(kTanh, x); }
Tensor tanh(Tensor&& x) { return apply_floating_over(kTanh, std::move(x)); }
Tensor erf(const Tensor& x) { return apply_floating(kErf, x); }
Tensor erfinv(const Tensor& x) { return apply_floating(kErfinv, x); }
Tensor floor(const Tensor& x) { return apply_step(kFloor, x); }
Tensor ceil(const Tensor& x) { return apply_step(kCeil, x); }
Tensor round(const Tensor& x) { return apply_step(kRound, x); }
Tensor trunc(const Tensor& x) { return apply_step(kTrunc, x); }
Tensor sigmoid(const Tensor& x) { return apply_floating(kSigmoid, x); }
Tensor sigmoid(Tensor&& x) { return apply_floating_over(kSigmoid, std::move(x)); }
Tensor silu(const Tensor& x) { return apply_floating(kSilu, x); }
Tensor gelu(const Tensor& x) { return apply_floating(kGelu, x); }
Tensor gelu_tanh(const Tensor& x) { return apply_floating(kGeluTanh, x); }
Tensor softplus(const Tensor& x) { return apply_floating(kSoftplus, x); }
Tensor logsigmoid(const Tensor& x) { return apply_floating(kLogsigmoid, x); }

Tensor isnan(const Tensor& x) { return apply_floating(kIsNan, x); }
Tensor isinf(const Tensor& x) { return apply_floating(kIsInf, x); }
Tensor isfinite(const Tensor& x) { return apply_floating(kIsFinite, x); }

Tensor logical_not(const Tensor& x) {
  Tensor flags = x.dtype() == kBool ? x : ne(x, 0);
  return dispatch(kLogicalNot, {&flags});
}
Tensor bitwise_not(const Tensor& x) {
  return x.dtype() == kBool ? logical_not(x) : dispatch(kBitwiseNot, {&x});
}

Tensor Tensor::neg() const { return tessera::neg(*this); }
Tensor Tensor::abs() const { return tessera::abs(*this); }
Tensor Tensor::sign() const { return tessera::sign(*this); }
Tensor Tensor::exp() const { return tessera::exp(*this); }
Tensor Tensor::exp2() const { return tessera::exp2(*this); }
Tensor Tensor::log() const { return tessera::log(*this); }
Tensor Tensor::log2() const { return tessera::log2(*this); }
Tensor Tensor::log10() const { return tessera::log10(*this); }
Tensor Tensor::log1p() const { return tessera::log1p(*this); }
Tensor Tensor::expm1() const { return tessera::expm1(*this); }
Tensor Tensor::sqrt() const { return tessera::sqrt(*this); }
Tensor Tensor::rsqrt() const { return tessera::rsqrt(*this); }
Tensor Tensor::reciprocal() const { return tessera::reciprocal(*this); }
Tensor Tensor::square() const { return tessera::square(*this); }
Tensor Tensor::sin() const { return tessera::sin(*this); }
Tensor Tensor::cos() const { return tessera::cos(*this); }
Tensor Tensor::tan() const { return tessera::tan(*this); }
Tensor Tensor::asin() const { return tessera::asin(*this); }
Tensor Tensor::acos() const { return tessera::acos(*this); }
Tensor Tensor::atan() const { return tessera::atan(*this); }
Tensor Tensor::sinh() const { return tessera::sinh(*this); }
Tensor Tensor::cosh() const { return tessera::cosh(*this); }
Tensor Tensor::tanh() const { return tessera::tanh(*this); }
Tensor Tensor::sigmoid() const { return tessera::sigmoid(*this); }
Tensor Tensor::erf() const { return tessera::erf(*this); }
Tensor Tensor::erfinv() const { return tessera::erfinv(*this); }
Tensor Tensor::relu() const { return tessera::relu(*this); }
Tensor Tensor::floor() const { return tessera::floor(*this); }
Tensor Tensor::ceil() const { return tessera::ceil(*this); }
Tensor Tensor::round() const { return tessera::round(*this); }
Tensor Tensor::trunc() const { return tessera::trunc(*this); }
Tensor Tensor::isnan() const { return tessera::isnan(*this); }
Tensor Tensor::isinf() const { return tessera::isinf(*this); }
Tensor Tensor::isfinite() const { return tessera::isfinite(*this); }
Tensor Tensor::logical_not() const { return tessera::logical_not(*this); }
Tensor Tensor::bitwise_not() const { return tessera::bitwise_not(*this); }

Tensor& Tensor::neg_() { return update(*this, kNeg, "neg_"); }
Tensor& Tensor::abs_() { return update(*this, kAbs, "abs_"); }
Tensor& Tensor::sign_() { return update(*this, kSign, "sign_"); }
Tensor& Tensor::exp_() { return update(*this, kExp, "exp_"); }
Tensor& Tensor::exp2_() { return update(*this, kExp2, "exp2_"); }
Tensor& Tensor::expm1_() { return update(*this, kExpm1, "expm1_"); }
Tensor& Tensor::log_() { return update(*this, kLog, "log_"); }
Tensor& Tensor::log2_() { return update(*this, kLog2, "log2_"); }
Tensor& Tensor::log10_() { return update(*this, kLog10, "log10_"); }
Tensor& Tensor::log1p_() { return update(*this, kLog1p, "log1p_"); }
Tensor& Tensor::sqrt_() { return update(*this, kSqrt, "sqrt_"); }
Tensor& Tensor::rsqrt_() { return update(*this, kRsqrt, "rsqrt_"); }
Tensor& Tensor::reciprocal_() { return update(*this, kReciprocal, "reciprocal_"); }
Tensor& Tensor::square_() { return update(*this, kSquare, "square_"); }
Tensor& Tensor::sin_() { return update(*this, kSin, "sin_"); }
Tensor& Tensor::cos_() { return update(*this, kCos, "cos_"); }
Tensor& Tensor::tan_() { return update(*this, kTan, "tan_"); }
Tensor& Tensor::asin_() { return update(*this, kAsin, "asin_"); }
Tensor& Tensor::acos_() { return update(*this, kAcos, "acos_"); }
Tensor& Tensor::atan_() { return update(*this, kAtan, "atan_"); }
Tensor& Tensor::sinh_() { return update(*this, kSinh, "sinh_"); }
Tensor& Tensor::cosh_() { return update(*this, kCosh, "cosh_"); }
Tensor& Tensor::tanh_() { return update(*this, kTanh, "tanh_"); }
Tensor& Tensor::sigmoid_() { return update(*this, kSigmoid, "sigmoid_"); }
Tensor& Tensor::erf_() { return update(*this, kErf, "erf_"); }
Tensor& Tensor::erfinv_() { return update(*this, kErfinv, "erfinv_"); }
Tensor& Tensor::relu_() { return update(*this, kRelu, "relu_"); }

Tensor& Tensor::floor_() { return update_step(*this, kFloor, "floor_"); }
Tensor& Tensor::ceil_() { return update_step(*this, kCeil, "ceil_"); }
Tensor& Tensor::round_() { return update_step(*this, kRound, "round_"); }
Tensor& Tensor::trunc_() { return update_step(*this, kTrunc, "trunc_"); }

Tensor& Tensor::logical_not_() {
  return update(*this, "logical_not_", {this}, [&] { return logical_not(); });
}
Tensor& Tensor::bitwise_not_() {
  return update(*this, dtype() == kBool ? kLogicalNot : kBitwiseNot, "bitwise_not_");
}

absl::Span<const OpDef* const> unary_ops() {
  static const OpDef* const kOps[] = {
      &kNeg,        &kAbs,   &kSign,    &kSquare,   &kRelu,       &kExp,       &kExp2,
      &kExpm1,      &kLog,   &kLog2,    &kLog10,    &kLog1p,      &kSqrt,      &kRsqrt,
      &kReciprocal, &kSin,   &kCos,     &kTan,      &kAsin,       &kAcos,      &kAtan,
      &kSinh,       &kCosh,  &kTanh,    &kErf,      &kErfinv,     &kFloor,     &kCeil,
      &kRound,      &kTrunc, &kSigmoid, &kSilu,     &kGelu,       &kGeluTanh,  &kSoftplus,
      &kLogsigmoid, &kIsNan, &kIsInf,   &kIsFinite, &kLogicalNot, &kBitwiseNot};
  return kOps;
}

}  // namespace tessera
