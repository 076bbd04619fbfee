// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image_geometry.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/image_planes.h"

namespace tessera::data {
namespace {

constexpr int64_t kOutside = -1;

// For `count` places from `first` on, which pixel of `size` is there, or kOutside.
std::vector<int64_t> pixels_at(int64_t first, int64_t count, int64_t size, PaddingMode mode) {
  std::vector<int64_t> pixels(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    int64_t place = first + i;
    if (place < 0 || place >= size) {
      switch (mode) {
        case PaddingMode::kConstant:
          place = kOutside;
          break;
        case PaddingMode::kEdge:
          place = std::clamp(place, int64_t{0}, size - 1);
          break;
        case PaddingMode::kReflect:
          place = place < 0 ? -place : 2 * (size - 1) - place;
          break;
      }
      if (mode == PaddingMode::kReflect && (place < 0 || place >= size)) {
        raise(absl::InvalidArgumentError(
            absl::StrCat("crop_image: a reflection reaches pixel ", first + i, ", of ", size)));
      }
    }
    pixels[static_cast<size_t>(i)] = place;
  }
  return pixels;
}

// The image whose pixel (y, x) is pixel (ys[y], xs[x]).
Tensor pick_pixels(const char* who, const Tensor& image, const std::vector<int64_t>& ys,
                   const std::vector<int64_t>& xs, double fill) {
  const ImagePlanes source = image_planes(who, image);
  Tensor result =
      new_image_like(who, source, static_cast<int64_t>(ys.size()), static_cast<int64_t>(xs.size()));
  if (result.numel() == 0) return result;
  visit_pixels(image, [&]<class T>(T) {
    const T* plane = source.dense.data<T>();
    T* to = result.mutable_data<T>();
    const T outside = to_pixel<T>(fill);
    for (int64_t i = 0; i < source.planes; ++i, plane += source.height * source.width) {
      for (int64_t y : ys) {
        const T* row = plane + std::max(y, int64_t{0}) * source.width;
        for (int64_t x : xs) *to++ = y == kOutside || x == kOutside ? outside : row[x];
      }
    }
  });
  return result;
}

std::vector<int64_t> backwards(int64_t size) {
  std::vector<int64_t> places(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) places[static_cast<size_t>(i)] = size - 1 - i;
  return places;
}

// Where a pixel of the result comes from: (x, y) to (a x + b y + c, d x + e y + f), both counted
// from the image's middle.
struct InverseMap {
  double a, b, c, d, e, f;
};

// The map is translation . rotation . shear . scale; its inverse.
InverseMap invert(const AffineMap& map) {
  constexpr double kRadians = std::numbers::pi / 180;
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

}  // namespace

Tensor crop_image(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width,
                  const Padding& padding) {
  const ImagePlanes source = image_planes("crop_image", image);
  if (height < 1 || width < 1) (void)new_image_like("crop_image", source, height, width);
  return pick_pixels("crop_image", image, pixels_at(top, height, source.height, padding.mode),
                     pixels_at(left, width, source.width, padding.mode), padding.fill);
}

Tensor flip_image_horizontally(const Tensor& image) {
  const ImagePlanes source = image_planes("flip_image_horizontally", image);
  return pick_pixels("flip_image_horizontally", image,
                     pixels_at(0, source.height, source.height, PaddingMode::kConstant),
                     backwards(source.width), 0);
}

Tensor flip_image_vertically(const Tensor& image) {
  const ImagePlanes source = image_planes("flip_image_vertically", image);
  return pick_pixels("flip_image_vertically", image, backwards(source.height),
                     pixels_at(0, source.width, source.width, PaddingMode::kConstant), 0);
}

Tensor affine_image(const Tensor& image, const AffineMap& map, Interpolation interpolation,
                    double fill) {
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
  const int64_t height = source.height, width = source.width;
  Tensor result = new_image_like("affine_image", source, height, width);
  if (result.numel() == 0) return result;
  const InverseMap from = invert(map);
  const double middle_y = static_cast<double>(height - 1) / 2;
  const double middle_x = static_cast<double>(width - 1) / 2;
  visit_pixels(image, [&]<class T>(T) {
    Plane<T> plane = {source.dense.data<T>(), height, width, fill};
    T* to = result.mutable_data<T>();
    for (int64_t i = 0; i < source.planes; ++i, plane.pixels += height * width) {
      for (int64_t row = 0; row < height; ++row) {
        const double y = static_cast<double>(row) - middle_y;
        for (int64_t column = 0; column < width; ++column) {
          const double x = static_cast<double>(column) - middle_x;
          const double from_x = from.a * x + from.b * y + from.c + middle_x;
          const double from_y = from.d * x + from.e * y + from.f + middle_y;
          *to++ = to_pixel<T>(interpolation == Interpolation::kNearest
                                  ? plane.nearest(from_y, from_x)
                                  : plane.bilinear(from_y, from_x));
        }
      }
    }
  });
  return result;
}

}  // namespace tessera::data
