// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/functional_dropout.h"

#include <cmath>
#include <initializer_list>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::nn::functional {
namespace {

void check_probability(std::string_view function, double p) {
  if (p >= 0 && p <= 1) return;
  raise_op_error(function, absl::InvalidArgumentError(absl::StrCat("p is ", p, ", not in [0, 1]")));
}

// True with probability 1 - p, for each element of `shape`.
Tensor draw_kept(const Shape& shape, const Tensor& x, double p) {
  return rand(shape, {.dtype = x.dtype(), .device = x.device()}) >= p;
}

Tensor drop(const Tensor& x, const Shape& mask_shape, double p) {
  if (p == 1) return x * zeros_like(x);
  return x * (draw_kept(mask_shape, x, p).to(x.dtype()) * (1 / (1 - p)));
}

// x's shape with ones behind the first `leading` dimensions.
Shape channels_of(const Tensor& x, int leading) {
  Shape shape = x.shape();
  for (int i = leading; i < shape.rank(); ++i) shape[i] = 1;
  return shape;
}

// `unbatched_rank`: the rank that has channels first; 0 if none has.
Tensor drop_channels(std::string_view function, const Tensor& x, double p, bool training,
                     std::initializer_list<int64_t> ranks, int64_t unbatched_rank) {
  check_probability(function, p);
  bool known = false;
  for (int64_t rank : ranks) known = known || x.dim() == rank;
  if (!known) {
    raise_op_error(function, absl::InvalidArgumentError(
                                 absl::StrCat("wants ", *ranks.begin(), " or ", *(ranks.end() - 1),
                                              " dimensions, got ", x.shape().to_string())));
  }
  if (!training || p == 0) return x;
  return drop(x, channels_of(x, x.dim() == unbatched_rank ? 1 : 2), p);
}

// With a' = selu's lowest value, kept with probability q = 1 - p: a' where dropped, then a y + b
// with a = (q + a'^2 q p)^(-1/2) and b = -a p a'.
Tensor drop_to_alpha(const Tensor& x, const Shape& mask_shape, double p) {
  if (p == 1) return x * zeros_like(x);
  constexpr double kLowest = -1.7580993408473766;  // -1.0507... * 1.6732...
  const double scale = 1 / std::sqrt((1 - p) * (1 + p * kLowest * kLowest));
  const Tensor kept = draw_kept(mask_shape, x, p);
  return where(kept, x, kLowest) * scale - scale * p * kLowest;
}

}  // namespace

Tensor dropout(const Tensor& x, double p, bool training) {
  check_probability("dropout", p);
  return !training || p == 0 ? x : drop(x, x.shape(), p);
}

Tensor dropout1d(const Tensor& x, double p, bool training) {
  return drop_channels("dropout1d", x, p, training, {2, 3}, 2);
}
Tensor dropout2d(const Tensor& x, double p, bool training) {
  return drop_channels("dropout2d", x, p, training, {3, 4}, 0);
}
Tensor dropout3d(const Tensor& x, double p, bool training) {
  return drop_channels("dropout3d", x, p, training, {4, 5}, 4);
}

Tensor alpha_dropout(const Tensor& x, double p, bool training) {
  check_probability("alpha_dropout", p);
  return !training || p == 0 ? x : drop_to_alpha(x, x.shape(), p);
}

Tensor feature_alpha_dropout(const Tensor& x, double p, bool training) {
  check_probability("feature_alpha_dropout", p);
  if (x.dim() < 2) {
    raise_op_error("feature_alpha_dropout",
                   absl::InvalidArgumentError(
                       absl::StrCat("wants at least 2 dimensions, got ", x.shape().to_string())));
  }
  return !training || p == 0 ? x : drop_to_alpha(x, channels_of(x, 2), p);
}

}  // namespace tessera::nn::functional
