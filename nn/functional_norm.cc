// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/functional_norm.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/batch_norm.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"

namespace tessera::nn::functional {
namespace {

[[noreturn]] void refuse(const char* op, const std::string& what) {
  raise_op_error(op, absl::InvalidArgumentError(what));
}

void check_statistic(const char* op, const char* name, const Tensor& running, int64_t channels) {
  if (!running.defined() || running.shape() == Shape{channels}) return;
  refuse(op, absl::StrCat(name, " has shape ", running.shape().to_string(), ", expected [",
                          channels, "]"));
}

// running = (1 - momentum) running + momentum fresh
void follow(Tensor& running, const Tensor& fresh, double momentum) {
  if (!running.defined()) return;
  running.mul_(1 - momentum).add_((fresh * momentum).to(running.dtype()));
}

// `n` values stand behind each statistic.
void update_running(Tensor& running_mean, Tensor& running_var, const Tensor& mean,
                    const Tensor& var, int64_t n, double momentum) {
  NoGradGuard no_grad;
  follow(running_mean, mean, momentum);
  const double unbiased = static_cast<double>(n) / static_cast<double>(n - 1);
  if (running_var.defined()) follow(running_var, var * unbiased, momentum);
}

}  // namespace

Tensor batch_norm(const Tensor& x, Tensor running_mean, Tensor running_var,
                  const BatchNormOptions& options) {
  const char* const op = "batch_norm";
  if (x.dim() < 2) refuse(op, absl::StrCat("wants (N, C, ..), got ", x.shape().to_string()));
  const int64_t channels = x.size(1);
  check_statistic(op, "running_mean", running_mean, channels);
  check_statistic(op, "running_var", running_var, channels);
  if (!options.training) {
    if (!running_mean.defined() || !running_var.defined()) {
      refuse(op, "outside of training it needs running_mean and running_var, which are undefined");
    }
    return batch_norm_inference(x, running_mean, running_var, options.weight, options.bias,
                                options.eps);
  }
  const int64_t n = channels == 0 ? 0 : x.numel() / channels;
  if (n == 1) {
    refuse(op, absl::StrCat("training wants more than one value per channel, got input ",
                            x.shape().to_string()));
  }
  BatchNormResult result = batch_norm_training(x, options.weight, options.bias, options.eps);
  if (n > 0)
    update_running(running_mean, running_var, result.mean, result.var, n, options.momentum);
  return result.output;
}

Tensor instance_norm(const Tensor& x, Tensor running_mean, Tensor running_var,
                     const InstanceNormOptions& options) {
  const char* const op = "instance_norm";
  if (x.dim() < 3) refuse(op, absl::StrCat("wants (N, C, S..), got ", x.shape().to_string()));
  const int64_t samples = x.size(0), channels = x.size(1);
  check_statistic(op, "running_mean", running_mean, channels);
  check_statistic(op, "running_var", running_var, channels);
  if (!options.use_input_stats) {
    if (!running_mean.defined() || !running_var.defined()) {
      refuse(op, "without use_input_stats it needs running_mean and running_var");
    }
    return batch_norm_inference(x, running_mean, running_var, options.weight, options.bias,
                                options.eps);
  }
  const int64_t n = samples * channels == 0 ? 0 : x.numel() / (samples * channels);
  if (n == 1) {
    refuse(op, absl::StrCat("wants more than one element per channel, got input ",
                            x.shape().to_string()));
  }
  auto of_every_sample = [&](const Tensor& values) {
    return values.defined() ? repeat(values, {samples}) : values;
  };
  check_statistic(op, "weight", options.weight, channels);
  check_statistic(op, "bias", options.bias, channels);
  Shape merged = x.shape();
  merged[0] = 1;
  merged[1] = samples * channels;
  BatchNormResult result = batch_norm_training(reshape(x, merged), of_every_sample(options.weight),
                                               of_every_sample(options.bias), options.eps);
  if (n > 0) {
    auto over_samples = [&](const Tensor& statistic) {
      return mean(reshape(statistic, {samples, channels}), {0});
    };
    NoGradGuard no_grad;
    update_running(running_mean, running_var, over_samples(result.mean), over_samples(result.var),
                   n, options.momentum);
  }
  return reshape(result.output, x.shape());
}

Tensor local_response_norm(const Tensor& x, int64_t size, double alpha, double beta, double k) {
  const char* const op = "local_response_norm";
  if (x.dim() < 3) refuse(op, absl::StrCat("wants (N, C, S..), got ", x.shape().to_string()));
  if (size < 1) refuse(op, absl::StrCat("size is ", size, ", not above 0"));
  if (x.numel() == 0) return x;
  const Tensor last = movedim(square(x), 1, -1);
  const Tensor padded = pad(last, {size / 2, (size - 1) / 2});
  const Tensor means = mean(windows(padded, {size}, {1}, {1}), {-1});
  return x / pow(movedim(means, -1, 1) * alpha + k, beta);
}

}  // namespace tessera::nn::functional
