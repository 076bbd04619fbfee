// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/normalization.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional_norm.h"
#include "tessera/nn/init.h"
#include "tessera/nn/python_text.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {
namespace {

void check_normalized_shape(const char* layer, const Shape& shape) {
  bool valid = shape.rank() >= 1;
  for (int64_t size : shape) valid = valid && size >= 0;
  if (!valid) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        layer, ": normalized_shape is ", shape.to_string(), "; it wants sizes, none negative")));
  }
}

void reset_affine(const Tensor& weight, const Tensor& bias) {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

}  // namespace

LayerNorm::LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options)
    : normalized_shape_(normalized_shape), eps_(options.eps) {
  check_normalized_shape("LayerNorm", normalized_shape);
  const TensorOptions as = {.dtype = options.dtype, .device = options.device};
  const bool affine = options.elementwise_affine;
  weight = add_parameter("weight", affine ? empty(normalized_shape, as) : Tensor());
  bias = add_parameter("bias", affine && options.bias ? empty(normalized_shape, as) : Tensor());
  reset_parameters();
}

void LayerNorm::reset_parameters() { reset_affine(weight, bias); }

Tensor LayerNorm::forward(const Tensor& x) {
  return layer_norm(x, normalized_shape_, weight, bias, eps_);
}

std::string LayerNorm::extra_repr() const {
  return absl::StrCat(python_text(normalized_shape_), ", eps=", python_text(eps_),
                      ", elementwise_affine=", python_text(weight.defined()),
                      ", bias=", python_text(bias.defined()));
}

RMSNorm::RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options)
    : normalized_shape_(normalized_shape), eps_(options.eps) {
  check_normalized_shape("RMSNorm", normalized_shape);
  const TensorOptions as = {.dtype = options.dtype, .device = options.device};
  weight =
      add_parameter("weight", options.elementwise_affine ? empty(normalized_shape, as) : Tensor());
  reset_parameters();
}

void RMSNorm::reset_parameters() { reset_affine(weight, Tensor()); }

Tensor RMSNorm::forward(const Tensor& x) { return rms_norm(x, normalized_shape_, weight, eps_); }

std::string RMSNorm::extra_repr() const {
  return absl::StrCat(python_text(normalized_shape_), ", eps=", python_text(eps_),
                      ", elementwise_affine=", python_text(weight.defined()));
}

GroupNorm::GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options)
    : num_groups_(num_groups),
      num_channels_(num_channels),
      eps_(options.eps),
      affine_(options.affine) {
  if (num_groups < 1 || num_channels < 0 || num_channels % num_groups != 0) {
    raise(absl::InvalidArgumentError(absl::StrCat("GroupNorm: num_groups is ", num_groups,
                                                  ", which does not divide the ", num_channels,
                                                  " channels")));
  }
  const TensorOptions as = {.dtype = options.dtype, .device = options.device};
  weight = add_parameter("weight", affine_ ? empty({num_channels}, as) : Tensor());
  bias = add_parameter("bias", affine_ && options.bias ? empty({num_channels}, as) : Tensor());
  reset_parameters();
}

void GroupNorm::reset_parameters() { reset_affine(weight, bias); }

Tensor GroupNorm::forward(const Tensor& x) {
  return group_norm(x, num_groups_, weight, bias, eps_);
}

std::string GroupNorm::extra_repr() const {
  return absl::StrCat(num_groups_, ", ", num_channels_, ", eps=", python_text(eps_),
                      ", affine=", python_text(affine_), ", bias=", python_text(bias.defined()));
}

Tensor LocalResponseNorm::forward(const Tensor& x) {
  return functional::local_response_norm(x, size_, options_.alpha, options_.beta, options_.k);
}

std::string LocalResponseNorm::extra_repr() const {
  return absl::StrCat(size_, ", alpha=", python_text(options_.alpha),
                      ", beta=", python_text(options_.beta), ", k=", python_text(options_.k));
}

}  // namespace tessera::nn
