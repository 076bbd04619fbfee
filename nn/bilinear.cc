// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/bilinear.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional.h"
#include "tessera/nn/init.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {

Bilinear::Bilinear(int64_t in1, int64_t in2, int64_t out, const BilinearOptions& options)
    : in1_features(in1), in2_features(in2), out_features(out) {
  if (in1 < 1 || in2 < 0 || out < 0) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("Bilinear(", in1, ", ", in2, ", ", out,
                     "): in1_features must be positive, the others not negative")));
  }
  const TensorOptions tensor_options = {.dtype = options.dtype, .device = options.device};
  weight = add_parameter("weight", empty({out, in1, in2}, tensor_options));
  bias = add_parameter("bias", options.bias ? empty({out}, tensor_options) : Tensor());
  reset_parameters();
}

void Bilinear::reset_parameters() {
  const double bound = 1 / std::sqrt(static_cast<double>(in1_features));
  init::uniform_(weight, -bound, bound);
  if (bias.defined()) init::uniform_(bias, -bound, bound);
}

Tensor Bilinear::forward(const Tensor& x1, const Tensor& x2) {
  return functional::bilinear(x1, x2, weight, bias);
}

std::string Bilinear::extra_repr() const {
  return absl::StrCat("in1_features=", in1_features, ", in2_features=", in2_features,
                      ", out_features=", out_features,
                      ", bias=", bias.defined() ? "True" : "False");
}

}  // namespace tessera::nn
