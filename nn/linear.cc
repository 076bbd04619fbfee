// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/linear.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/matmul.h"

namespace tessera::nn {

Linear::Linear(int64_t in, int64_t out, const LinearOptions& options)
    : in_features(in), out_features(out), has_bias_(options.bias) {
  if (in < 0 || out < 0) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("Linear(", in, ", ", out, "): features must not be negative")));
  }
  initialize(in, {.dtype = options.dtype, .device = options.device});
}

Linear::Linear(LazyTag, int64_t out, const LinearOptions& options)
    : in_features(0), out_features(out), has_bias_(options.bias) {
  if (out < 0) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("LazyLinear(", out, "): features must not be negative")));
  }
  set_uninitialized();
}

void Linear::initialize(int64_t in, const TensorOptions& options) {
  PauseRecording pause;  // done once, not in every run of a compiled step
  in_features = in;
  weight = add_parameter("weight", empty({out_features, in}, options));
  bias = add_parameter("bias", has_bias_ ? empty({out_features}, options) : Tensor());
  reset_parameters();
}

void Linear::reset_parameters() {
  if (weight.defined()) init::reset_linear_(weight, bias);
}

Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }

std::string Linear::extra_repr() const {
  return absl::StrCat("in_features=", in_features, ", out_features=", out_features,
                      ", bias=", has_bias_ ? "True" : "False");
}

}  // namespace tessera::nn
