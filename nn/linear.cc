// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/linear.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/matmul.h"

namespace tessera::nn {

Linear::Linear(int64_t in, int64_t out, const LinearOptions& options)
    : in_features(in), out_features(out) {
  if (in < 0 || out < 0) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("Linear(", in, ", ", out, "): features must not be negative")));
  }
  const TensorOptions tensor_options = {.dtype = options.dtype, .device = options.device};
  weight = add_parameter("weight", empty({out, in}, tensor_options));
  bias = add_parameter("bias", options.bias ? empty({out}, tensor_options) : Tensor());
  reset_parameters();
}

void Linear::reset_parameters() { init::reset_linear_(weight, bias); }

Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }

std::string Linear::extra_repr() const {
  return absl::StrCat("in_features=", in_features, ", out_features=", out_features,
                      ", bias=", bias.defined() ? "True" : "False");
}

}  // namespace tessera::nn
