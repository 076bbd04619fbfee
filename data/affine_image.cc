// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/image_geometry.h"
#include "tessera/data/image_planes.h"

namespace tessera::data {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

// Where a pixel of the result comes from: (x, y), counted from the result's middle, to
// (a x + b y + c, d x + e y + f), counted from the image's.
struct InverseMap {
  double a, b, c, d, e, f;

  std::pair<double, double> operator()(double x, double y) const {
    return {a * x + b * y + c, d * x + e * y + f};
  }
};

// The map is translation . rotation . shear . scale; its inverse.
InverseMap invert(const AffineMap& map) {
  const double rotation = map.angle * kRadians;
  const double sx = map.shear_x * kRadians, sy = map.shear_y * kRadians;
  const double a = std::cos(rotation - sy) / std::cos(sy);
  const double b = -std::cos(rotation - sy) * std::tan(sx) / std::cos(sy) - std::sin(rotation);
  const double c = std::sin(rotation - sy) / std::cos(sy);
  const double d = -std::sin(rotation - sy) * std::tan(sx) / std::cos(sy) + std::cos(rotation);
  InverseMap inverse = {d / map.scale, -b / map.scale, 0, -c / map.scale, a / map.scale, 0};
  inverse.c = -inverse.a * map.translate_x - inverse.b * map.translate_y;
  inverse.f = -inverse.d * map.translate_x - inverse.e * map.translate_y;
  return inverse;
}

// One plane, read at places between its pixels.
template <class T>
struct Plane {
  const T* pixels;
  int64_t height, width;
  double fill;

  double at(double y, double x) const {  // of whole numbers
    // So that NaN is outside too.
    const bool inside =
        y >= 0 && y < static_cast<double>(height) && x >= 0 && x < static_cast<double>(width);
    if (!inside) return fill;
    return static_cast<double>(pixels[static_cast<int64_t>(y) * width + static_cast<int64_t>(x)]);
  }
  double nearest(double y, double x) const { return at(std::nearbyint(y), std::nearbyint(x)); }
  double bilinear(double y, double x) const {
    const double top = std::floor(y), left = std::floor(x), down = y - top, right = x - left;
    return (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
           down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
  }
};

struct Size {
  int64_t height, width;
};

double middle(int64_t size) { return static_cast<double>(size - 1) / 2; }

// The image of `size` whose pixels come from where `from` says.
Tensor read_through(const char* who, const ImagePlanes& source, const InverseMap& from, Size size,
                    Interpolation interpolation, const Fill& fill) {
  fill.check(who, source.planes);
  Tensor result = new_image_like(who, source, size.height, size.width);
  if (result.numel() == 0) return result;
  visit_pixels(source.dense, [&]<class T>(T) {
    T* to = result.mutable_data<T>();
    for (int64_t i = 0; i < source.planes; ++i) {
      const Plane<T> plane = {source.dense.data<T>() + i * source.height * source.width,
                              source.height, source.width, fill.of(i)};
      for (int64_t row = 0; row < size.height; ++row) {
        const double y = static_cast<double>(row) - middle(size.height);
        for (int64_t column = 0; column < size.width; ++column) {
          auto [from_x, from_y] = from(static_cast<double>(column) - middle(size.width), y);
          from_x += middle(source.width);
          from_y += middle(source.height);
          *to++ = to_pixel<T>(interpolation == Interpolation::kNearest
                                  ? plane.nearest(from_y, from_x)
                                  : plane.bilinear(from_y, from_x));
        }
      }
    }
  });
  return result;
}

// The box around an image's corners after `map`, whose sides are moved outwards to whole pixels.
Size box_around(const InverseMap& map, const ImagePlanes& image) {
  const double half_w = static_cast<double>(image.width) / 2;
  const double half_h = static_cast<double>(image.height) / 2;
  std::array<double, 4> xs, ys;
  for (size_t i = 0; i < 4; ++i) {
    std::tie(xs[i], ys[i]) = map(i % 2 == 0 ? -half_w : half_w, i < 2 ? -half_h : half_h);
  }
  // From 0 to `size` for the image itself. Cut to 1e-4, so that rounding errors add no pixel.
  const auto extent = [](const std::array<double, 4>& corners, double half) {
    constexpr double kTolerance = 1e-4;
    const auto [low, high] = std::minmax_element(corners.begin(), corners.end());
    const auto cut = [&](double x) { return std::trunc((x + half) / kTolerance) * kTolerance; };
    return static_cast<int64_t>(std::ceil(cut(*high)) - std::floor(cut(*low)));
  };
  return {extent(ys, half_h), extent(xs, half_w)};
}

}  // namespace

void Fill::check(const char* who, int64_t channels) const {
  const int64_t count = static_cast<int64_t>(values_.size());
  if (count == 1 || count == channels) return;
  raise(absl::InvalidArgumentError(
      absl::StrCat(who, ": ", count, " values to fill with, for ", channels, " channels")));
}

Tensor affine_image(const Tensor& image, const AffineMap& map, Interpolation interpolation,
                    const Fill& fill) {
  const ImagePlanes source = image_planes("affine_image", image);
  for (double number : {map.angle, map.translate_x, map.translate_y, map.shear_x, map.shear_y}) {
    if (!std::isfinite(number)) {
      raise(absl::InvalidArgumentError(absl::StrCat(
          "affine_image: angle, translations and shears must be finite, one is ", number)));
    }
  }
  if (!(map.scale > 0) || std::isinf(map.scale)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("affine_image: scale is ", map.scale, ", it must be positive and finite")));
  }
  return read_through("affine_image", source, invert(map), {source.height, source.width},
                      interpolation, fill);
}

// About a centre p, counted from the middle: x to R (x - p) + p, which is R x with p - R p added.
Tensor rotate_image(const Tensor& image, double angle, const RotateOptions& options) {
  const ImagePlanes source = image_planes("rotate_image", image);
  const auto [center_x, center_y] = options.center.value_or(std::array<double, 2>{
      static_cast<double>(source.width) / 2, static_cast<double>(source.height) / 2});
  for (double number : {angle, center_x, center_y}) {
    if (!std::isfinite(number)) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("rotate_image: angle and center must be finite, one is ", number)));
    }
  }
  InverseMap from = invert({.angle = -angle});
  const double x = center_x - static_cast<double>(source.width) / 2;
  const double y = center_y - static_cast<double>(source.height) / 2;
  const auto [moved_x, moved_y] = from(x, y);
  from.c = x - moved_x;
  from.f = y - moved_y;
  const Size size = options.expand ? box_around(from, source) : Size{source.height, source.width};
  return read_through("rotate_image", source, from, size, options.interpolation, options.fill);
}

}  // namespace tessera::data
