// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/functional_activation.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn::functional {
namespace {

template <class... Parts>
[[noreturn]] void refuse(std::string_view function, const Parts&... parts) {
  raise_op_error(function, absl::InvalidArgumentError(absl::StrCat(parts...)));
}

// A parameter that does not make an integer x floating.
Tensor number_for(const Tensor& x, double value) {
  return x.is_floating_point() ? Tensor(value) : Tensor(static_cast<int64_t>(value));
}

}  // namespace

Tensor gelu(const Tensor& x, GELUApproximation approximate) {
  return approximate == GELUApproximation::kTanh ? gelu_tanh(x) : tessera::gelu(x);
}

Tensor hardtanh(const Tensor& x, double min, double max) {
  if (!(min <= max)) refuse("hardtanh", "min ", min, " is not below max ", max);
  const Tensor low = number_for(x, min), high = number_for(x, max);
  if (!x.requires_grad() || !dispatch_state().grad_mode) return clamp(x, low, high);
  Tensor held;
  {
    NoGradGuard no_grad;
    held = clamp(x, low, high);
  }
  return where((x <= low) | (x >= high), held, x);
}

Tensor relu6(const Tensor& x) { return hardtanh(x, 0, 6); }
Tensor hardsigmoid(const Tensor& x) { return relu6(x + 3) / 6; }

Tensor threshold(const Tensor& x, double threshold, double value) {
  return where(x <= number_for(x, threshold), number_for(x, value), x);
}

Tensor selu(const Tensor& x) {
  return elu(x, 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946;
}

Tensor celu(const Tensor& x, double alpha) {
  if (alpha == 0) refuse("celu", "alpha is 0");
  // Held at 0, so that the exponential of a large x does not overflow into the gradient.
  const Tensor low = clamp_max(x, 0);
  return where(x <= 0, expm1(low / alpha) * alpha, x);
}

Tensor prelu(const Tensor& x, const Tensor& weight) {
  const int64_t channels = x.dim() > 1 ? x.size(1) : 1;
  if (weight.dim() != 1 || (weight.numel() != 1 && weight.numel() != channels)) {
    refuse("prelu", "weight must have 1 element or one for each of ", channels, " channels: x is ",
           x.shape().to_string(), ", weight ", weight.shape().to_string());
  }
  if (weight.numel() == 1) return leaky_relu(x, weight.reshape({}));
  Shape shape = x.shape();
  for (int i = 0; i < shape.rank(); ++i) shape[i] = i == 1 ? channels : 1;
  return leaky_relu(x, weight.view(shape));
}

Tensor softplus(const Tensor& x, double beta, double threshold) {
  const Tensor scaled = beta == 1 ? x : x * beta;
  Tensor y = tessera::softplus(scaled);
  if (beta != 1) y = y / beta;
  // exp(-20) is nothing beside 20, and its derivative nothing beside 1, but in float64.
  if (x.dtype() != kFloat64 && threshold >= 20) return y;
  return where(scaled > threshold, x, y);
}

Tensor softsign(const Tensor& x) { return x / (abs(x) + 1); }
Tensor tanhshrink(const Tensor& x) { return x - tanh(x); }

Tensor hardshrink(const Tensor& x, double lambd) { return where(abs(x) <= lambd, 0, x); }

Tensor softshrink(const Tensor& x, double lambd) {
  if (!(lambd >= 0)) refuse("softshrink", "lambd is ", lambd, ", which is below 0");
  return x - clamp(x, -lambd, lambd);
}

Tensor glu(const Tensor& x, int64_t dim) {
  const int64_t size = x.size(dim);
  if (size % 2 != 0) {
    refuse("glu", "dimension ", dim, " of ", x.shape().to_string(), " has the odd size ", size);
  }
  return narrow(x, dim, 0, size / 2) * sigmoid(narrow(x, dim, size / 2, size / 2));
}

Tensor rrelu(const Tensor& x, double lower, double upper, bool training, Generator* generator) {
  if (!(lower >= 0 && lower <= upper)) {
    refuse("rrelu", "wants 0 <= lower <= upper, got ", lower, " and ", upper);
  }
  if (!training) return leaky_relu(x, (lower + upper) / 2);
  check_floating("rrelu", x);
  const Tensor slopes = rand_like(x, std::nullopt, generator) * (upper - lower) + lower;
  return where(x > 0, x, x * slopes);
}

Tensor gumbel_softmax(const Tensor& x, double tau, bool hard, int64_t dim, Generator* generator) {
  if (!(tau > 0)) refuse("gumbel_softmax", "tau is ", tau, ", not above 0");
  check_floating("gumbel_softmax", x);
  const Tensor u = clamp_min(rand_like(x, std::nullopt, generator), 0x1p-25);  // not 0
  const Tensor soft = softmax((x - log(-log(u))) / tau, dim);
  if (!hard) return soft;
  const Tensor constant = without_gradient(soft);
  const Tensor greatest = argmax(constant, dim, /*keepdim=*/true);
  return scatter(zeros_like(constant), dim, greatest, 1) - constant + soft;
}

Tensor softmin(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return softmax(-x, dim, dtype);
}

}  // namespace tessera::nn::functional
