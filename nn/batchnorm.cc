// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/batchnorm.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional_norm.h"
#include "tessera/nn/init.h"
#include "tessera/nn/python_text.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn {

ChannelNorm::ChannelNorm(int64_t num_features, const BatchNormOptions& options)
    : num_features_(0), options_(options) {
  if (num_features < 0) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("normalisation of ", num_features, " features: must not be negative")));
  }
  initialize(num_features, {.dtype = options.dtype, .device = options.device});
}

ChannelNorm::ChannelNorm(LazyTag, std::string_view type_name, const BatchNormOptions& options)
    : num_features_(0), options_(options), lazy_type_name_(type_name) {
  if (options.affine || tracks()) set_uninitialized();
}

void ChannelNorm::initialize(int64_t num_features, const TensorOptions& as) {
  PauseRecording pause;  // done once, not in every run of a compiled step
  num_features_ = num_features;
  const Shape size = {num_features};
  weight = add_parameter("weight", options_.affine ? empty(size, as) : Tensor());
  bias = add_parameter("bias", options_.affine && options_.bias ? empty(size, as) : Tensor());
  if (tracks()) {
    running_mean = add_buffer("running_mean", empty(size, as));
    running_var = add_buffer("running_var", empty(size, as));
    num_batches_tracked =
        add_buffer("num_batches_tracked", empty({}, {.dtype = kInt64, .device = as.device}));
  }
  reset_parameters();
  if (!lazy_type_name_.empty()) set_initialized(std::exchange(lazy_type_name_, ""));
}

void ChannelNorm::initialize_from(const StateDict& state) {
  const Tensor* given = state.find(options_.affine ? "weight" : "running_mean");
  if (given == nullptr || given->dim() != 1) return;
  initialize(given->size(0), {.dtype = given->dtype(), .device = given->device()});
}

void ChannelNorm::reset_running_stats() {
  if (!running_mean.defined()) return;
  init::zeros_(running_mean);
  init::ones_(running_var);
  num_batches_tracked.zero_();
}

void ChannelNorm::reset_parameters() {
  reset_running_stats();
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

void ChannelNorm::check_input(const Tensor& x, int64_t least, int64_t most, int64_t spatial) {
  const int64_t channel_dim = spatial < 0 ? 1 : x.dim() - spatial - 1;
  const bool rank_fits = x.dim() >= least && x.dim() <= most, is_lazy = !lazy_type_name_.empty();
  if (rank_fits && is_lazy && x.is_floating_point()) {
    initialize(x.size(channel_dim), {.dtype = x.dtype(), .device = x.device()});
  }
  if (rank_fits && x.size(channel_dim) == num_features_) return;
  raise_op_error("input",
                 absl::InvalidArgumentError(absl::StrCat(
                     "has shape ", x.shape().to_string(), " ", dtype_name(x.dtype()), ", expected ",
                     least, most == least ? "" : absl::StrCat(" or ", most), " dimensions",
                     is_lazy ? " of a floating point dtype"
                             : absl::StrCat(" and ", num_features_, " channels"))));
}

std::string ChannelNorm::extra_repr() const {
  return absl::StrCat(num_features_, ", eps=", python_text(options_.eps),
                      ", momentum=", python_text(options_.momentum),
                      ", affine=", python_text(options_.affine),
                      ", bias=", python_text(options_.affine && options_.bias),
                      ", track_running_stats=", python_text(options_.track_running_stats));
}

Tensor BatchNorm::forward(const Tensor& x) {
  check_input(x, least_rank_, most_rank_, /*spatial=*/-1);
  functional::BatchNormOptions f = {.weight = weight,
                                    .bias = bias,
                                    .training = is_training() || !tracks(),
                                    .momentum = options_.momentum.value_or(0),
                                    .eps = options_.eps};
  if (!is_training() || !tracks()) {
    return functional::batch_norm(x, f.training ? Tensor() : running_mean,
                                  f.training ? Tensor() : running_var, f);
  }
  // Before the running statistics change nothing can fail any more but the device.
  const Tensor batches = num_batches_tracked + 1;
  if (!options_.momentum.has_value()) f.momentum = 1 / batches.item<double>();
  Tensor y = functional::batch_norm(x, running_mean, running_var, f);
  num_batches_tracked.copy_(batches);
  return y;
}

namespace {

BatchNormOptions channel_options(const InstanceNormOptions& o) {
  return {.eps = o.eps,
          .momentum = o.momentum,
          .affine = o.affine,
          .bias = o.bias,
          .track_running_stats = o.track_running_stats,
          .dtype = o.dtype,
          .device = o.device};
}

}  // namespace

InstanceNorm::InstanceNorm(int64_t num_features, const InstanceNormOptions& options,
                           int64_t spatial)
    : ChannelNorm(num_features, channel_options(options)), spatial_(spatial) {}
InstanceNorm::InstanceNorm(LazyTag tag, std::string_view type_name,
                           const InstanceNormOptions& options, int64_t spatial)
    : ChannelNorm(tag, type_name, channel_options(options)), spatial_(spatial) {}

Tensor InstanceNorm::forward(const Tensor& x) {
  check_input(x, spatial_ + 1, spatial_ + 2, spatial_);
  if (x.dim() == spatial_ + 1) return forward(x.unsqueeze(0)).squeeze(0);
  return functional::instance_norm(x, running_mean, running_var,
                                   {.weight = weight,
                                    .bias = bias,
                                    .use_input_stats = is_training() || !tracks(),
                                    .momentum = *options_.momentum,
                                    .eps = options_.eps});
}

}  // namespace tessera::nn
