// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/activation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/nn/functional.h"

namespace tessera::nn {

Tensor ReLU::forward(const Tensor& x) { return functional::relu(x); }
Tensor ReLU::forward_over(Tensor x) { return functional::relu(std::move(x)); }
Tensor Sigmoid::forward(const Tensor& x) { return functional::sigmoid(x); }
Tensor Sigmoid::forward_over(Tensor x) { return functional::sigmoid(std::move(x)); }
Tensor Tanh::forward(const Tensor& x) { return functional::tanh(x); }
Tensor Tanh::forward_over(Tensor x) { return functional::tanh(std::move(x)); }
Tensor SiLU::forward(const Tensor& x) { return functional::silu(x); }
Tensor Softplus::forward(const Tensor& x) { return functional::softplus(x); }
Tensor LogSigmoid::forward(const Tensor& x) { return functional::logsigmoid(x); }

Tensor GELU::forward(const Tensor& x) {
  return options_.approximate == GELUApproximation::kTanh ? functional::gelu_tanh(x)
                                                          : functional::gelu(x);
}

std::string GELU::extra_repr() const {
  return options_.approximate == GELUApproximation::kTanh ? "approximate='tanh'"
                                                          : "approximate='none'";
}

Tensor LeakyReLU::forward(const Tensor& x) { return functional::leaky_relu(x, negative_slope_); }

std::string LeakyReLU::extra_repr() const {
  return absl::StrCat("negative_slope=", negative_slope_);
}

Tensor Softmax::forward(const Tensor& x) { return functional::softmax(x, dim_); }
std::string Softmax::extra_repr() const { return absl::StrCat("dim=", dim_); }

Tensor LogSoftmax::forward(const Tensor& x) { return functional::log_softmax(x, dim_); }
std::string LogSoftmax::extra_repr() const { return absl::StrCat("dim=", dim_); }

}  // namespace tessera::nn
