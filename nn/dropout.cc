// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/dropout.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional_dropout.h"
#include "tessera/nn/python_text.h"

namespace tessera::nn {

Dropout::Dropout(double p) : p_(p) {
  if (!(p >= 0 && p <= 1)) {
    raise(absl::InvalidArgumentError(absl::StrCat("Dropout: p is ", p, ", not in [0, 1]")));
  }
}

std::string Dropout::extra_repr() const { return absl::StrCat("p=", python_text(p_)); }

Tensor Dropout::forward(const Tensor& x) { return functional::dropout(x, p_, is_training()); }
Tensor Dropout1d::forward(const Tensor& x) { return functional::dropout1d(x, p_, is_training()); }
Tensor Dropout2d::forward(const Tensor& x) { return functional::dropout2d(x, p_, is_training()); }
Tensor Dropout3d::forward(const Tensor& x) { return functional::dropout3d(x, p_, is_training()); }
Tensor AlphaDropout::forward(const Tensor& x) {
  return functional::alpha_dropout(x, p_, is_training());
}
Tensor FeatureAlphaDropout::forward(const Tensor& x) {
  return functional::feature_alpha_dropout(x, p_, is_training());
}

}  // namespace tessera::nn
