// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/init.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/orthonormal.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ops/scan.h"

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
  return x.numel() == 0 ? x : init::uniform_(x, -bound, bound);
}

void check_rank(std::string_view function, const Tensor& x, int lowest, int highest) {
  const int rank = x.shape().rank();
  if (rank >= lowest && rank <= highest) return;
  raise(absl::InvalidArgumentError(absl::StrCat("init::", function, ": cannot fill a tensor of ",
                                                rank, " dimensions: ", x.shape().to_string())));
}

Tensor copy_from(Tensor x, const std::vector<double>& values) {
  NoGradGuard no_grad;
  x.copy_(tensor<double>(values, x.shape(), {.dtype = kFloat64, .device = "cpu"}).to(x.dtype()));
  return x;
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

Tensor trunc_normal_(Tensor x, double mean, double std, double a, double b) {
  if (!(std > 0 && a <= b)) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        "init::trunc_normal_: wants std > 0 and a <= b, got std ", std, ", a ", a, ", b ", b)));
  }
  NoGradGuard no_grad;
  // 2 Phi(z) - 1 = erf(z / sqrt(2)).
  const double scale = std * std::sqrt(2.0);
  x.uniform_(std::erf((a - mean) / scale), std::erf((b - mean) / scale));
  x.erfinv_().mul_(scale).add_(mean).clamp_(a, b);
  return x;
}

Tensor eye_(Tensor x) {
  check_rank("eye_", x, 2, 2);
  NoGradGuard no_grad;
  x.copy_(eye(x.size(0), x.size(1), {.dtype = x.dtype(), .device = x.device()}));
  return x;
}

Tensor dirac_(Tensor x, int64_t groups) {
  check_rank("dirac_", x, 3, 5);
  if (groups < 1 || x.size(0) % groups != 0) {
    raise(absl::InvalidArgumentError(absl::StrCat("init::dirac_: ", groups,
                                                  " groups do not divide the ", x.size(0),
                                                  " outputs of ", x.shape().to_string())));
  }
  const int64_t outputs = x.size(0) / groups;
  // From one output to the next, and to the middle of a kernel.
  int64_t kernel = 1, middle = 0;
  for (int i = 2; i < x.shape().rank(); ++i) {
    kernel *= x.shape()[i];
    middle = middle * x.shape()[i] + x.shape()[i] / 2;
  }
  std::vector<double> values(static_cast<size_t>(x.numel()));
  for (int64_t g = 0; g < groups && kernel > 0; ++g) {
    for (int64_t d = 0; d < std::min(outputs, x.size(1)); ++d) {
      values[((g * outputs + d) * x.size(1) + d) * kernel + middle] = 1;
    }
  }
  return copy_from(x, values);
}

Tensor orthogonal_(Tensor x, double gain) {
  check_rank("orthogonal_", x, 2, INT_MAX);
  if (x.numel() == 0) return x;
  const int64_t rows = x.size(0), columns = x.numel() / rows;
  const int64_t longer = std::max(rows, columns), shorter = std::min(rows, columns);
  const std::vector<double> q = orthonormal_columns(
      randn({longer, shorter}, {.dtype = kFloat64, .device = "cpu"}).to_vector<double>(), longer,
      shorter);
  std::vector<double> values(q.size());
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      values[i * columns + j] = gain * (rows >= columns ? q[i * columns + j] : q[j * rows + i]);
    }
  }
  return copy_from(x, values);
}

Tensor sparse_(Tensor x, double sparsity, double std) {
  check_rank("sparse_", x, 2, 2);
  if (!(sparsity >= 0 && sparsity <= 1)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("init::sparse_: sparsity is ", sparsity, ", not in [0, 1]")));
  }
  NoGradGuard no_grad;
  x.normal_(0, std);
  const int64_t dropped =
      static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(x.size(0))));
  if (dropped == 0 || x.numel() == 0) return x;
  // In each column the rows that come first in a random order.
  const Tensor order = argsort(rand(x.shape(), {.device = x.device()}), 0);
  const Tensor rows = order.narrow(0, 0, dropped);
  x.copy_(x.scatter(0, rows, zeros(rows.shape(), {.dtype = x.dtype(), .device = x.device()})));
  return x;
}

Tensor xavier_uniform_(Tensor x, double gain) {
  return symmetric_uniform_(x, bound_of(xavier_std(x, gain)));
}

Tensor xavier_normal_(Tensor x, double gain) { return init::normal_(x, 0, xavier_std(x, gain)); }

Tensor kaiming_uniform_(Tensor x, const KaimingOptions& options) {
  return symmetric_uniform_(x, bound_of(kaiming_std(x, options)));
}

Tensor kaiming_normal_(Tensor x, const KaimingOptions& options) {
  return x.numel() == 0 ? x : init::normal_(x, 0, kaiming_std(x, options));
}

void reset_linear_(Tensor weight, Tensor bias) {
  kaiming_uniform_(weight, {.a = std::sqrt(5.0)});
  if (!bias.defined()) return;
  const int64_t fan_in = calculate_fans(weight.shape()).in;
  // PyTorch leaves the bias of a layer without inputs at zero bounds too.
  symmetric_uniform_(bias, fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0);
}

}  // namespace tessera::nn::init
