// SPDX-License-Identifier: Apache-2.0
//
// Upsample: images of another size, as torch.nn.Upsample.
//
//   nn::Upsample twice({.scale_factor = {2}});
//   nn::Upsample smooth({.size = {224, 224}, .mode = InterpolateMode::kBilinear});
//
//   shape:  x (N, C, sizes..) -> (N, C, out..), as interpolate of tensor/ops/interpolate.h
//   errors: thrown by forward as kInvalidArgument, as there
#ifndef TESSERA_NN_UPSAMPLE_H_
#define TESSERA_NN_UPSAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/interpolate.h"

namespace tessera::nn {

using tessera::InterpolateMode;
using tessera::InterpolateOptions;

class Upsample : public Module {
 public:
  explicit Upsample(const InterpolateOptions& options) : options_(options) {}
  Tensor forward(const Tensor& x) override { return interpolate(x, options_); }
  std::string extra_repr() const override;

 private:
  InterpolateOptions options_;
};

struct UpsamplingOptions {
  // One of the two, as InterpolateOptions.
  std::vector<int64_t> size = {};
  std::vector<double> scale_factor = {};
};

// Upsample of mode kNearest, and kBilinear with align_corners.
class UpsamplingNearest2d : public Upsample {
 public:
  explicit UpsamplingNearest2d(const UpsamplingOptions& options)
      : Upsample({.size = options.size, .scale_factor = options.scale_factor}) {}
};
class UpsamplingBilinear2d : public Upsample {
 public:
  explicit UpsamplingBilinear2d(const UpsamplingOptions& options)
      : Upsample({.size = options.size,
                  .scale_factor = options.scale_factor,
                  .mode = InterpolateMode::kBilinear,
                  .align_corners = true}) {}
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_UPSAMPLE_H_
