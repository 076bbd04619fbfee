// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/lazy.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::nn {

Tensor LazyLinear::forward(const Tensor& x) {
  if (!weight.defined()) {
    if (x.dim() < 1) {
      raise(absl::InvalidArgumentError(
          absl::StrCat(type_name(), ": input must have a dimension, got ", x.shape().to_string())));
    }
    initialize(x.size(-1), {.dtype = x.dtype(), .device = x.device()});
    set_initialized("Linear");
  }
  return Linear::forward(x);
}

void LazyLinear::initialize_from(const StateDict& state) {
  const Tensor* given = state.find("weight");
  if (weight.defined() || given == nullptr || given->dim() != 2) return;
  initialize(given->size(1), {.dtype = given->dtype(), .device = given->device()});
  set_initialized("Linear");
}

}  // namespace tessera::nn
