// SPDX-License-Identifier: Apache-2.0
//
// Images of another size (torch.nn.functional.interpolate).
//
//   interpolate(x, {.scale_factor = {2}});                                    // nearest
//   interpolate(x, {.size = {224, 224}, .mode = InterpolateMode::kBilinear});
#ifndef TESSERA_TENSOR_OPS_INTERPOLATE_H_
#define TESSERA_TENSOR_OPS_INTERPOLATE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera {

enum class InterpolateMode {
  kNearest,       // the element at floor(i size / out)
  kNearestExact,  // the element whose centre is nearest
  kLinear,        // of one dimension
  kBilinear,      // of two
  kTrilinear,     // of three
  kBicubic,       // of two; cubic convolution with a = -0.75 (Keys, 1981)
  kArea,          // the mean, as adaptive_avg_pool
};
std::string_view interpolate_mode_name(InterpolateMode mode);  // "nearest-exact"

struct InterpolateOptions {
  // One of the two: a number for each dimension behind the first two, or one for all.
  std::vector<int64_t> size = {};
  std::vector<double> scale_factor = {};
  InterpolateMode mode = InterpolateMode::kNearest;
  // The outermost elements' centres stay in place, in place of the outermost edges. For the linear
  // modes and kBicubic.
  bool align_corners = false;
  // The positions follow from the sizes, in place of the scale factors as given.
  bool recompute_scale_factor = false;
};

//   shape:  x (N, C, sizes..) with one to three sizes -> (N, C, out..); out = floor(size
//           scale_factor)
//   dtype:  floating point; kNearest and kNearestExact any
//   errors: kInvalidArgument if not exactly one of size and scale_factor is given, or not for all
//           dimensions; for a mode of another number of dimensions, for align_corners with other
//           modes, for an output without elements
// Differentiable. Positions of float64 are computed in float64, others in float32, as in PyTorch.
Tensor interpolate(const Tensor& x, const InterpolateOptions& options);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_INTERPOLATE_H_
