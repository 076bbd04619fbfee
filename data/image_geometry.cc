// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image_geometry.h"

#include <algorithm>
#include <cstddef>
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

}  // namespace tessera::data
