// SPDX-License-Identifier: Apache-2.0
//
// Layers whose input size follows from their first input, as torch.nn's lazy modules.
//
//   nn::Sequential model(nn::LazyConv2d(16, {.kernel_size = 3}), nn::ReLU(), nn::Flatten(),
//                        nn::LazyLinear(10));
//   model(example);                             // now the parameters are there
//   optim::SGD optimizer(model.parameters(), {.lr = 0.1});
//
// Parameters take the dtype and device of the first input, or of the state dict that is loaded
// before; those in the options are not read. Until then parameters(), state_dict() and all that
// needs them throw kFailedPrecondition with the layer's name, so that no optimizer or checkpoint
// misses them. Afterwards the layer goes by the name of the one that it is ("Linear").
#ifndef TESSERA_NN_LAZY_H_
#define TESSERA_NN_LAZY_H_

#include "tessera/nn/batchnorm.h"
#include "tessera/nn/conv.h"
#include "tessera/nn/conv_transpose.h"
#include "tessera/nn/linear.h"

namespace tessera::nn {

class LazyLinear : public Linear {
 public:
  explicit LazyLinear(int64_t out_features, const LinearOptions& options = {})
      : Linear(LazyTag(), out_features, options) {}
  Tensor forward(const Tensor& x) override;

 protected:
  void initialize_from(const StateDict& state) override;
};

#define TESSERA_LAZY_CONV(Base)                                                             \
  class Lazy##Base : public Base {                                                          \
   public:                                                                                  \
    Lazy##Base(int64_t out_channels, const Base##Options& options)                          \
        : Base(LazyTag(), out_channels, options) {}                                         \
                                                                                            \
   protected:                                                                               \
    void prepare(const Tensor& x) override { initialize_for(x, #Base); }                    \
    void initialize_from(const StateDict& state) override { initialize_for(state, #Base); } \
  }
TESSERA_LAZY_CONV(Conv1d);
TESSERA_LAZY_CONV(Conv2d);
TESSERA_LAZY_CONV(Conv3d);
TESSERA_LAZY_CONV(ConvTranspose1d);
TESSERA_LAZY_CONV(ConvTranspose2d);
TESSERA_LAZY_CONV(ConvTranspose3d);
#undef TESSERA_LAZY_CONV

struct LazyInstanceNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
  bool affine = true;               // PyTorch's, other than InstanceNorm's
  bool bias = true;                 // only with affine
  bool track_running_stats = true;  // PyTorch's, other than InstanceNorm's

  operator InstanceNormOptions() const {
    return {.eps = eps,
            .momentum = momentum,
            .affine = affine,
            .bias = bias,
            .track_running_stats = track_running_stats};
  }
};

#define TESSERA_LAZY_NORM(Base, Options)                                           \
  class Lazy##Base : public Base {                                                 \
   public:                                                                         \
    explicit Lazy##Base(const Options& options = {}) : Base(LazyTag(), options) {} \
  }
TESSERA_LAZY_NORM(BatchNorm1d, BatchNormOptions);
TESSERA_LAZY_NORM(BatchNorm2d, BatchNormOptions);
TESSERA_LAZY_NORM(BatchNorm3d, BatchNormOptions);
TESSERA_LAZY_NORM(InstanceNorm1d, LazyInstanceNormOptions);
TESSERA_LAZY_NORM(InstanceNorm2d, LazyInstanceNormOptions);
TESSERA_LAZY_NORM(InstanceNorm3d, LazyInstanceNormOptions);
#undef TESSERA_LAZY_NORM

}  // namespace tessera::nn

#endif  // TESSERA_NN_LAZY_H_
