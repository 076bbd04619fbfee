// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/dropout.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional.h"

namespace tessera::nn {

Dropout::Dropout(double p) : p_(p) {
  if (!(p >= 0 && p <= 1)) {
    raise(absl::InvalidArgumentError(absl::StrCat("Dropout: p is ", p, ", not in [0, 1]")));
  }
}

Tensor Dropout::forward(const Tensor& x) { return functional::dropout(x, p_, is_training()); }

std::string Dropout::extra_repr() const { return absl::StrCat("p=", p_); }

}  // namespace tessera::nn
