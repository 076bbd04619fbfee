// SPDX-License-Identifier: Apache-2.0
//
// All modes are separable: a dimension of the output is a sum of a few selections of the input's.
#include "tessera/tensor/ops/interpolate.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/adaptive_pool.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

using Mode = InterpolateMode;

template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  raise_op_error("interpolate", absl::InvalidArgumentError(absl::StrCat(parts...)));
}

bool is_linear(Mode mode) {
  return mode == Mode::kLinear || mode == Mode::kBilinear || mode == Mode::kTrilinear;
}

// Places in one dimension of the input and their weights, for every index of the output.
struct Taps {
  std::vector<int64_t> places;
  std::vector<double> weights;  // empty: 1
};

// `scale`: elements of the input per element of the output. F is what PyTorch computes it in.
template <class F>
F source(F scale, int64_t i, bool align_corners, bool cubic) {
  if (align_corners) return scale * static_cast<F>(i);
  const F at = scale * (static_cast<F>(i) + F(0.5)) - F(0.5);
  return at < 0 && !cubic ? F(0) : at;
}

int64_t clamped(int64_t i, int64_t size) { return std::clamp<int64_t>(i, 0, size - 1); }

template <class F>
std::vector<Taps> linear_taps(F scale, int64_t size, int64_t out, bool align_corners) {
  std::vector<Taps> taps(2);
  for (int64_t i = 0; i < out; ++i) {
    const F at = source(scale, i, align_corners, false);
    const int64_t first = std::min(static_cast<int64_t>(at), size - 1);
    const F part = std::clamp(at - static_cast<F>(first), F(0), F(1));
    taps[0].places.push_back(first);
    taps[1].places.push_back(std::min(first + 1, size - 1));
    taps[0].weights.push_back(F(1) - part);
    taps[1].weights.push_back(part);
  }
  return taps;
}

template <class F>
std::vector<Taps> cubic_taps(F scale, int64_t size, int64_t out, bool align_corners) {
  constexpr F a = -0.75;
  auto near = [&](F x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };       // |x| <= 1
  auto far = [&](F x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };  // 1 < |x| < 2
  std::vector<Taps> taps(4);
  for (int64_t i = 0; i < out; ++i) {
    const F at = source(scale, i, align_corners, true);
    const F below = std::floor(at), t = at - below;
    const F weights[4] = {far(t + 1), near(t), near(1 - t), far(2 - t)};
    for (int k = 0; k < 4; ++k) {
      taps[k].places.push_back(clamped(static_cast<int64_t>(below) - 1 + k, size));
      taps[k].weights.push_back(weights[k]);
    }
  }
  return taps;
}

// Always in float32.
std::vector<Taps> nearest_taps(float scale, int64_t size, int64_t out, bool exact) {
  std::vector<Taps> taps(1);
  for (int64_t i = 0; i < out; ++i) {
    const float at = (static_cast<float>(i) + (exact ? 0.5f : 0.0f)) * scale;
    taps[0].places.push_back(std::min(static_cast<int64_t>(std::floor(at)), size - 1));
  }
  return taps;
}

Tensor apply_taps(const Tensor& x, int64_t dim, const std::vector<Taps>& taps) {
  Tensor sum;
  for (const Taps& tap : taps) {
    Tensor part = index_select(x, dim, tensor(tap.places, {.dtype = kInt64, .device = x.device()}));
    if (!tap.weights.empty()) {
      Shape shape(static_cast<size_t>(x.dim() - dim), 1);
      shape[0] = static_cast<int64_t>(tap.weights.size());
      part = part * tensor(tap.weights, {.dtype = x.dtype(), .device = x.device()}).reshape(shape);
    }
    sum = sum.defined() ? sum + part : part;
  }
  return sum;
}

struct Scaling {
  int64_t size, out;
  double scale_factor;  // 0: from the sizes

  template <class F>
  F scale(bool align_corners) const {
    if (align_corners) {
      return out > 1 ? static_cast<F>(size - 1) / static_cast<F>(out - 1) : F(0);
    }
    return scale_factor > 0 ? static_cast<F>(1 / scale_factor)
                            : static_cast<F>(size) / static_cast<F>(out);
  }
};

template <class F>
std::vector<Taps> taps_of(const Scaling& s, Mode mode, bool align_corners) {
  if (is_linear(mode)) {
    return linear_taps(s.scale<F>(align_corners), s.size, s.out, align_corners);
  }
  if (mode == Mode::kBicubic) {
    return cubic_taps(s.scale<F>(align_corners), s.size, s.out, align_corners);
  }
  return nearest_taps(s.scale<float>(false), s.size, s.out, mode == Mode::kNearestExact);
}

// The value for dimension d of a list of one or n.
template <class T>
T of_dimension(const std::vector<T>& list, size_t d) {
  return list.size() == 1 ? list[0] : list[d];
}

std::vector<Scaling> scalings(const Tensor& x, size_t n, const InterpolateOptions& o) {
  std::vector<Scaling> all;
  for (size_t d = 0; d < n; ++d) {
    const int64_t size = x.size(static_cast<int64_t>(d) + 2);
    Scaling s = {size, 0, 0};
    if (!o.size.empty()) {
      s.out = of_dimension(o.size, d);
    } else {
      const double factor = of_dimension(o.scale_factor, d);
      s.out = static_cast<int64_t>(std::floor(static_cast<double>(size) * factor));
      if (!o.recompute_scale_factor) s.scale_factor = factor;
    }
    if (s.out < 1 || size < 1) {
      refuse("input ", x.shape().to_string(), " and output size ", s.out, " of dimension ", d + 2,
             " must have elements");
    }
    all.push_back(s);
  }
  return all;
}

void check(const Tensor& x, size_t n, const InterpolateOptions& o) {
  if (o.size.empty() == o.scale_factor.empty()) {
    refuse("wants exactly one of size and scale_factor");
  }
  const size_t given = o.size.size() + o.scale_factor.size();
  if (given != 1 && given != n) {
    refuse("input ", x.shape().to_string(), " has ", n, " sizes, ", given, " are given");
  }
  if (o.recompute_scale_factor && !o.size.empty()) {
    refuse("recompute_scale_factor wants a scale_factor");
  }
  const size_t wanted = o.mode == Mode::kLinear                                 ? 1
                        : o.mode == Mode::kTrilinear                            ? 3
                        : o.mode == Mode::kBilinear || o.mode == Mode::kBicubic ? 2
                                                                                : n;
  if (n != wanted) {
    refuse("mode ", interpolate_mode_name(o.mode), " wants ", wanted + 2, " dimensions, got ",
           x.shape().to_string());
  }
  if (o.align_corners && !is_linear(o.mode) && o.mode != Mode::kBicubic) {
    refuse("align_corners does not go with mode ", interpolate_mode_name(o.mode));
  }
  if (o.mode != Mode::kNearest && o.mode != Mode::kNearestExact && !x.is_floating_point()) {
    refuse("mode ", interpolate_mode_name(o.mode), " wants a floating point dtype, got ",
           dtype_name(x.dtype()));
  }
}

Tensor by_area(const Tensor& x, const std::vector<Scaling>& s) {
  switch (s.size()) {
    case 1:
      return adaptive_avg_pool1d(x, s[0].out);
    case 2:
      return adaptive_avg_pool2d(x, {s[0].out, s[1].out});
    default:
      return adaptive_avg_pool3d(x, {s[0].out, s[1].out, s[2].out});
  }
}

}  // namespace

std::string_view interpolate_mode_name(Mode mode) {
  switch (mode) {
    case Mode::kNearest:
      return "nearest";
    case Mode::kNearestExact:
      return "nearest-exact";
    case Mode::kLinear:
      return "linear";
    case Mode::kBilinear:
      return "bilinear";
    case Mode::kTrilinear:
      return "trilinear";
    case Mode::kBicubic:
      return "bicubic";
    case Mode::kArea:
      return "area";
  }
  return "?";
}

Tensor interpolate(const Tensor& x, const InterpolateOptions& o) {
  if (x.dim() < 3 || x.dim() > 5) {
    refuse("input must have 3 to 5 dimensions, got ", x.shape().to_string());
  }
  const size_t n = static_cast<size_t>(x.dim()) - 2;
  check(x, n, o);
  const std::vector<Scaling> all = scalings(x, n, o);
  if (o.mode == Mode::kArea) return by_area(x, all);
  const DType computed = x.dtype() == kFloat16 || x.dtype() == kBFloat16 ? kFloat32 : x.dtype();
  Tensor y = x.to(computed);
  for (size_t d = 0; d < n; ++d) {
    const int64_t dim = static_cast<int64_t>(d) + 2;
    y = apply_taps(y, dim,
                   computed == kFloat64 ? taps_of<double>(all[d], o.mode, o.align_corners)
                                        : taps_of<float>(all[d], o.mode, o.align_corners));
  }
  return y.to(x.dtype());
}

}  // namespace tessera
