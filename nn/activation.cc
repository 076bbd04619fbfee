// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/activation.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/nn/python_text.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {

Tensor ReLU::forward(const Tensor& x) { return functional::relu(x); }
Tensor ReLU::forward_over(Tensor x) { return functional::relu(std::move(x)); }
Tensor ReLU6::forward(const Tensor& x) { return functional::relu6(x); }
Tensor Sigmoid::forward(const Tensor& x) { return functional::sigmoid(x); }
Tensor Sigmoid::forward_over(Tensor x) { return functional::sigmoid(std::move(x)); }
Tensor Tanh::forward(const Tensor& x) { return functional::tanh(x); }
Tensor Tanh::forward_over(Tensor x) { return functional::tanh(std::move(x)); }
Tensor SiLU::forward(const Tensor& x) { return functional::silu(x); }
Tensor Mish::forward(const Tensor& x) { return functional::mish(x); }
Tensor SELU::forward(const Tensor& x) { return functional::selu(x); }
Tensor Hardsigmoid::forward(const Tensor& x) { return functional::hardsigmoid(x); }
Tensor Hardswish::forward(const Tensor& x) { return functional::hardswish(x); }
Tensor LogSigmoid::forward(const Tensor& x) { return functional::logsigmoid(x); }
Tensor Softsign::forward(const Tensor& x) { return functional::softsign(x); }
Tensor Tanhshrink::forward(const Tensor& x) { return functional::tanhshrink(x); }

Tensor GELU::forward(const Tensor& x) { return functional::gelu(x, options_.approximate); }
std::string GELU::extra_repr() const {
  return options_.approximate == GELUApproximation::kTanh ? "approximate='tanh'"
                                                          : "approximate='none'";
}

Tensor LeakyReLU::forward(const Tensor& x) { return functional::leaky_relu(x, negative_slope_); }
std::string LeakyReLU::extra_repr() const {
  return absl::StrCat("negative_slope=", python_text(negative_slope_));
}

Tensor ELU::forward(const Tensor& x) { return functional::elu(x, alpha_); }
std::string ELU::extra_repr() const { return absl::StrCat("alpha=", python_text(alpha_)); }

Tensor CELU::forward(const Tensor& x) { return functional::celu(x, alpha_); }
std::string CELU::extra_repr() const { return absl::StrCat("alpha=", python_text(alpha_)); }

Hardtanh::Hardtanh(double min_val, double max_val) : min_val_(min_val), max_val_(max_val) {
  if (!(min_val < max_val)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("Hardtanh: min_val is ", min_val, ", not below max_val ", max_val)));
  }
}
Tensor Hardtanh::forward(const Tensor& x) { return functional::hardtanh(x, min_val_, max_val_); }
std::string Hardtanh::extra_repr() const {
  return absl::StrCat("min_val=", python_text(min_val_), ", max_val=", python_text(max_val_));
}

Tensor Threshold::forward(const Tensor& x) { return functional::threshold(x, threshold_, value_); }
std::string Threshold::extra_repr() const {
  return absl::StrCat("threshold=", python_text(threshold_), ", value=", python_text(value_));
}

Tensor Hardshrink::forward(const Tensor& x) { return functional::hardshrink(x, lambd_); }
std::string Hardshrink::extra_repr() const { return python_text(lambd_); }

Tensor Softshrink::forward(const Tensor& x) { return functional::softshrink(x, lambd_); }
std::string Softshrink::extra_repr() const { return python_text(lambd_); }

Tensor Softplus::forward(const Tensor& x) { return functional::softplus(x, beta_, threshold_); }
std::string Softplus::extra_repr() const {
  return absl::StrCat("beta=", python_text(beta_), ", threshold=", python_text(threshold_));
}

Tensor Softmax::forward(const Tensor& x) { return functional::softmax(x, dim_); }
std::string Softmax::extra_repr() const { return absl::StrCat("dim=", dim_); }

Tensor Softmax2d::forward(const Tensor& x) {
  if (x.dim() != 3 && x.dim() != 4) {
    raise_op_error("softmax2d", absl::InvalidArgumentError(absl::StrCat(
                                    "wants 3 or 4 dimensions, got ", x.shape().to_string())));
  }
  return functional::softmax(x, -3);
}

Tensor RReLU::forward(const Tensor& x) {
  return functional::rrelu(x, lower_, upper_, is_training());
}
std::string RReLU::extra_repr() const {
  return absl::StrCat("lower=", python_text(lower_), ", upper=", python_text(upper_));
}

Tensor LogSoftmax::forward(const Tensor& x) { return functional::log_softmax(x, dim_); }
std::string LogSoftmax::extra_repr() const { return absl::StrCat("dim=", dim_); }

Tensor Softmin::forward(const Tensor& x) { return functional::softmin(x, dim_); }
std::string Softmin::extra_repr() const { return absl::StrCat("dim=", dim_); }

Tensor GLU::forward(const Tensor& x) { return functional::glu(x, dim_); }
std::string GLU::extra_repr() const { return absl::StrCat("dim=", dim_); }

PReLU::PReLU(int64_t num_parameters, const PReLUOptions& options) : init_(options.init) {
  if (num_parameters < 1) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("PReLU: num_parameters is ", num_parameters, ", which is below 1")));
  }
  weight = add_parameter(
      "weight", empty({num_parameters}, {.dtype = options.dtype, .device = options.device}));
  reset_parameters();
}
void PReLU::reset_parameters() { init::constant_(weight, init_); }
Tensor PReLU::forward(const Tensor& x) { return functional::prelu(x, weight); }
std::string PReLU::extra_repr() const { return absl::StrCat("num_parameters=", weight.numel()); }

}  // namespace tessera::nn
