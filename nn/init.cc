// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/init.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn::init {
namespace {

double kaiming_std(const Tensor& x, const KaimingOptions& options) {
  const Fans fans = calculate_fans(x.shape());
  const int64_t fan = options.mode == kFanIn ? fans.in : fans.out;
  return calculate_gain(options.nonlinearity, options.a) / std::sqrt(static_cast<double>(fan));
}

double xavier_std(const Tensor& x, double gain) {
  const Fans fans = calculate_fans(x.shape());
  return gain * std::sqrt(2.0 / static_cast<double>(fans.in + fans.out));
}

// The bound of a uniform distribution with this deviation.
double bound_of(double std) { return std::sqrt(3.0) * std; }

Tensor symmetric_uniform_(Tensor x, double bound) {
  // A layer without elements may have a fan of zero, and then no bound.
  return x.numel() == 0 ? x : uniform_(x, -bound, bound);
}

}  // namespace

double calculate_gain(Nonlinearity nonlinearity, double negative_slope) {
  switch (nonlinearity) {
    case kTanh:
      return 5.0 / 3;
    case kReLU:
      return std::sqrt(2.0);
    case kLeakyReLU:
      return std::sqrt(2.0 / (1 + negative_slope * negative_slope));
    case kSELU:
      return 3.0 / 4;
    case kLinear:
    case kSigmoid:
      break;
  }
  return 1;
}

Fans calculate_fans(const Shape& weight) {
  if (weight.rank() < 2) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        "init: fans want a weight of at least 2 dimensions, got ", weight.to_string())));
  }
  int64_t kernel = 1;
  for (int i = 2; i < weight.rank(); ++i) kernel *= weight[i];
  return {.in = weight[1] * kernel, .out = weight[0] * kernel};
}

Tensor uniform_(Tensor x, double low, double high) {
  NoGradGuard no_grad;
  x.uniform_(low, high);
  return x;
}

Tensor normal_(Tensor x, double mean, double std) {
  NoGradGuard no_grad;
  x.normal_(mean, std);
  return x;
}

Tensor constant_(Tensor x, double value) {
  NoGradGuard no_grad;
  x.fill_(value);
  return x;
}

Tensor zeros_(Tensor x) { return constant_(std::move(x), 0); }
Tensor ones_(Tensor x) { return constant_(std::move(x), 1); }

Tensor xavier_uniform_(Tensor x, double gain) {
  return symmetric_uniform_(x, bound_of(xavier_std(x, gain)));
}

Tensor xavier_normal_(Tensor x, double gain) { return normal_(x, 0, xavier_std(x, gain)); }

Tensor kaiming_uniform_(Tensor x, const KaimingOptions& options) {
  return symmetric_uniform_(x, bound_of(kaiming_std(x, options)));
}

Tensor kaiming_normal_(Tensor x, const KaimingOptions& options) {
  return x.numel() == 0 ? x : normal_(x, 0, kaiming_std(x, options));
}

void reset_linear_(Tensor weight, Tensor bias) {
  kaiming_uniform_(weight, {.a = std::sqrt(5.0)});
  if (!bias.defined()) return;
  const int64_t fan_in = calculate_fans(weight.shape()).in;
  // PyTorch leaves the bias of a layer without inputs at zero bounds too.
  symmetric_uniform_(bias, fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0);
}

}  // namespace tessera::nn::init
