// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/functional.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::nn::functional {

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  return where(x > 0, x, x * negative_slope);
}

Tensor dropout(const Tensor& x, double p, bool training) {
  if (!(p >= 0 && p <= 1)) {
    raise_op_error("dropout",
                   absl::InvalidArgumentError(absl::StrCat("p is ", p, ", not in [0, 1]")));
  }
  if (!training || p == 0) return x;
  if (p == 1) return x * zeros_like(x);
  const Tensor kept = rand(x.shape(), {.dtype = x.dtype(), .device = x.device()}) >= p;
  return x * (kept.to(x.dtype()) * (1 / (1 - p)));
}

}  // namespace tessera::nn::functional
