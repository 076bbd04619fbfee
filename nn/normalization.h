// SPDX-License-Identifier: Apache-2.0
//
// Normalisation of every sample by itself, as torch.nn's LayerNorm, RMSNorm, GroupNorm and
// LocalResponseNorm. nn/batchnorm.h has the layers with statistics of channels.
//
//   nn::LayerNorm norm(128);
//   nn::LayerNorm of_images({16, 28, 28}, {.bias = false});
//   nn::GroupNorm groups(4, 64);
#ifndef TESSERA_NN_NORMALIZATION_H_
#define TESSERA_NN_NORMALIZATION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;  // learns weight and bias
  bool bias = true;                // only with elementwise_affine
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

// (x - mean) / sqrt(var + eps) * weight + bias over the last dimensions, layer_norm of
// tensor/ops/layer_norm.h.
//   shape:  x (B.., normalized_shape..), weight and bias normalized_shape
//   dtype:  floating point
//   errors: throws kInvalidArgument for a normalized_shape without dimensions, and for an x of
//           another shape or dtype
// weight starts as ones, bias as zeros.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options = {});
  explicit LayerNorm(int64_t size, const LayerNormOptions& options = {})
      : LayerNorm(Shape{size}, options) {}

  Tensor forward(const Tensor& x) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight;  // undefined without elementwise_affine
  Tensor bias;    // undefined without elementwise_affine or without bias

 private:
  Shape normalized_shape_;
  double eps_;
};

struct RMSNormOptions {
  std::optional<double> eps = std::nullopt;  // the machine epsilon of x's dtype, float32 for halves
  bool elementwise_affine = true;            // learns weight
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

// x / sqrt(mean(x^2) + eps) * weight over the last dimensions, rms_norm of tensor/ops/layer_norm.h.
// Otherwise as LayerNorm.
class RMSNorm : public Module {
 public:
  explicit RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options = {});
  explicit RMSNorm(int64_t size, const RMSNormOptions& options = {})
      : RMSNorm(Shape{size}, options) {}

  Tensor forward(const Tensor& x) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight;

 private:
  Shape normalized_shape_;
  std::optional<double> eps_;
};

struct GroupNormOptions {
  double eps = 1e-5;
  bool affine = true;  // learns weight and bias
  bool bias = true;    // only with affine
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

// (x - mean) / sqrt(var + eps) * weight + bias over groups of neighbouring channels of a sample,
// group_norm of tensor/ops/layer_norm.h.
//   shape:  x (N, num_channels, S..), weight and bias (num_channels)
//   dtype:  floating point
//   errors: throws kInvalidArgument for a num_groups that does not divide num_channels, and for an
//           x of other channels or dtype
class GroupNorm : public Module {
 public:
  GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options = {});

  Tensor forward(const Tensor& x) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight, bias;

 private:
  int64_t num_groups_, num_channels_;
  double eps_;
  bool affine_;
};

struct LocalResponseNormOptions {
  double alpha = 1e-4;
  double beta = 0.75;
  double k = 1;
};

// local_response_norm of nn/functional_norm.h.
class LocalResponseNorm : public Module {
 public:
  explicit LocalResponseNorm(int64_t size, const LocalResponseNormOptions& options = {})
      : size_(size), options_(options) {}

  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t size_;
  LocalResponseNormOptions options_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_NORMALIZATION_H_
