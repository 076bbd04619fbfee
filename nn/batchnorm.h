// SPDX-License-Identifier: Apache-2.0
//
// Normalisation with statistics of channels, as torch.nn's BatchNorm1d to 3d and InstanceNorm1d to
// 3d. nn/normalization.h has the layers without running statistics.
//
//   nn::BatchNorm2d norm(32);
//   nn::BatchNorm1d cumulative(64, {.momentum = std::nullopt});
//
// Running statistics are buffers: "running_mean" (zeros at first), "running_var" (ones) and
// "num_batches_tracked" (int64, rank 0). forward changes them while training, so then one thread at
// a time may call a layer.
#ifndef TESSERA_NN_BATCHNORM_H_
#define TESSERA_NN_BATCHNORM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tessera/nn/module.h"

namespace tessera::nn {

struct BatchNormOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  // nullopt: running statistics are the plain mean so far
  bool affine = true;                    // learns weight and bias
  bool bias = true;                      // only with affine
  bool track_running_stats = true;       // false: the batch's statistics in evaluation too
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

// What the layers of this file share: parameters, buffers and their printing.
class ChannelNorm : public Module {
 public:
  void reset_parameters();     // weight to ones, bias to zeros; and reset_running_stats()
  void reset_running_stats();  // as at first
  std::string extra_repr() const override;

  Tensor weight, bias;                                    // (C); undefined without affine, bias
  Tensor running_mean, running_var, num_batches_tracked;  // undefined if not tracked

 protected:
  ChannelNorm(int64_t num_features, const BatchNormOptions& options);
  // For lazy layers (nn/lazy.h), which go by `type_name` once they know their channels.
  ChannelNorm(LazyTag, std::string_view type_name, const BatchNormOptions& options);
  void initialize_from(const StateDict& state) override;
  // Throws kInvalidArgument unless x has `least` to `most` dimensions, with num_features channels
  // in front of the last `spatial` ones (below 0: as dimension 1). A lazy layer takes x's channels.
  void check_input(const Tensor& x, int64_t least, int64_t most, int64_t spatial);
  bool tracks() const { return options_.track_running_stats; }

  int64_t num_features_;
  BatchNormOptions options_;

 private:
  void initialize(int64_t num_features, const TensorOptions& as);

  std::string lazy_type_name_;  // empty where the channels are known
};

// (x - mean) / sqrt(var + eps) * weight + bias for every channel, F::batch_norm of
// nn/functional_norm.h: by the batch's statistics while training, else by the running ones.
//   shape:  x (N, C) or (N, C, L) for 1d, (N, C, H, W) for 2d, (N, C, D, H, W) for 3d
//   dtype:  floating point
//   errors: throws kInvalidArgument for an x of another rank, other channels or dtype, and while
//           training for one value per channel
class BatchNorm : public ChannelNorm {
 public:
  Tensor forward(const Tensor& x) override;

  std::optional<double> momentum() const { return options_.momentum; }
  void set_momentum(std::optional<double> momentum) { options_.momentum = momentum; }

 protected:
  BatchNorm(int64_t num_features, const BatchNormOptions& options, int64_t least_rank,
            int64_t most_rank)
      : ChannelNorm(num_features, options), least_rank_(least_rank), most_rank_(most_rank) {}
  BatchNorm(LazyTag tag, std::string_view type_name, const BatchNormOptions& options,
            int64_t least_rank, int64_t most_rank)
      : ChannelNorm(tag, type_name, options), least_rank_(least_rank), most_rank_(most_rank) {}

 private:
  int64_t least_rank_, most_rank_;
};

class BatchNorm1d : public BatchNorm {
 public:
  explicit BatchNorm1d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm(num_features, options, 2, 3) {}

 protected:
  BatchNorm1d(LazyTag tag, const BatchNormOptions& options)
      : BatchNorm(tag, "BatchNorm1d", options, 2, 3) {}
};
class BatchNorm2d : public BatchNorm {
 public:
  explicit BatchNorm2d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm(num_features, options, 4, 4) {}

 protected:
  BatchNorm2d(LazyTag tag, const BatchNormOptions& options)
      : BatchNorm(tag, "BatchNorm2d", options, 4, 4) {}
};
class BatchNorm3d : public BatchNorm {
 public:
  explicit BatchNorm3d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm(num_features, options, 5, 5) {}

 protected:
  BatchNorm3d(LazyTag tag, const BatchNormOptions& options)
      : BatchNorm(tag, "BatchNorm3d", options, 5, 5) {}
};

struct InstanceNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
  bool affine = false;
  bool bias = true;                  // only with affine
  bool track_running_stats = false;  // true: running statistics in evaluation
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

// The same with statistics of every sample of its own, F::instance_norm of nn/functional_norm.h.
//   shape:  x (N, C, S..) or (C, S..); S of 1, 2, 3 dimensions for 1d, 2d, 3d
class InstanceNorm : public ChannelNorm {
 public:
  Tensor forward(const Tensor& x) override;

 protected:
  InstanceNorm(int64_t num_features, const InstanceNormOptions& options, int64_t spatial);
  InstanceNorm(LazyTag tag, std::string_view type_name, const InstanceNormOptions& options,
               int64_t spatial);

 private:
  int64_t spatial_;
};

class InstanceNorm1d : public InstanceNorm {
 public:
  explicit InstanceNorm1d(int64_t num_features, const InstanceNormOptions& options = {})
      : InstanceNorm(num_features, options, 1) {}

 protected:
  InstanceNorm1d(LazyTag tag, const InstanceNormOptions& options)
      : InstanceNorm(tag, "InstanceNorm1d", options, 1) {}
};
class InstanceNorm2d : public InstanceNorm {
 public:
  explicit InstanceNorm2d(int64_t num_features, const InstanceNormOptions& options = {})
      : InstanceNorm(num_features, options, 2) {}

 protected:
  InstanceNorm2d(LazyTag tag, const InstanceNormOptions& options)
      : InstanceNorm(tag, "InstanceNorm2d", options, 2) {}
};
class InstanceNorm3d : public InstanceNorm {
 public:
  explicit InstanceNorm3d(int64_t num_features, const InstanceNormOptions& options = {})
      : InstanceNorm(num_features, options, 3) {}

 protected:
  InstanceNorm3d(LazyTag tag, const InstanceNormOptions& options)
      : InstanceNorm(tag, "InstanceNorm3d", options, 3) {}
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_BATCHNORM_H_
