// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tessera/data/image_geometry.h"
#include "tessera/data/image_planes.h"

namespace tessera::data {
namespace {

// What one pixel of the result is a sum of.
struct Taps {
  int64_t first = 0;
  std::vector<double> weights;
};

// Along one dimension, for each of `to` pixels out of `from`.
//   center = (i + 1/2) from / to
//   antialias: weights 1 - |j + 1/2 - center| / s, s = max(from / to, 1), made to add up to 1
//   else:      weights of the two pixels around center - 1/2, which is at least 0
std::vector<Taps> make_taps(int64_t from, int64_t to, bool antialias) {
  std::vector<Taps> all(static_cast<size_t>(to));
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (int64_t i = 0; i < to; ++i) {
    Taps& taps = all[static_cast<size_t>(i)];
    const double center = (static_cast<double>(i) + 0.5) * step;
    if (!antialias) {
      const double place = std::max(center - 0.5, 0.0);
      taps.first = std::min(static_cast<int64_t>(place), from - 1);
      const double second = place - static_cast<double>(taps.first);
      if (taps.first + 1 < from) {
        taps.weights = {1 - second, second};
      } else {
        taps.weights = {1};
      }
      continue;
    }
    const double support = std::max(step, 1.0);
    taps.first = std::max(static_cast<int64_t>(center - support + 0.5), int64_t{0});
    const int64_t end = std::min(static_cast<int64_t>(center + support + 0.5), from);
    double sum = 0;
    for (int64_t j = taps.first; j < end; ++j) {
      const double distance = std::abs(static_cast<double>(j) + 0.5 - center) / support;
      taps.weights.push_back(std::max(0.0, 1 - distance));
      sum += taps.weights.back();
    }
    for (double& weight : taps.weights) weight /= sum;
  }
  return all;
}

}  // namespace

Tensor resize_image(const Tensor& image, int64_t height, int64_t width, bool antialias) {
  const ImagePlanes source = image_planes("resize_image", image);
  Tensor result = new_image_like("resize_image", source, height, width);
  if (result.numel() == 0) return result;
  const std::vector<Taps> across = make_taps(source.width, width, antialias);
  const std::vector<Taps> down = make_taps(source.height, height, antialias);
  std::vector<double> rows(static_cast<size_t>(source.height * width));  // (source height, width)
  visit_pixels(image, [&]<class T>(T) {
    const T* from = source.dense.data<T>();
    T* to = result.mutable_data<T>();
    for (int64_t plane = 0; plane < source.planes; ++plane) {
      double* row = rows.data();
      for (int64_t y = 0; y < source.height; ++y, from += source.width) {
        for (const Taps& taps : across) {
          double sum = 0;
          const T* pixel = from + taps.first;
          for (double weight : taps.weights) sum += weight * static_cast<double>(*pixel++);
          *row++ = sum;
        }
      }
      for (const Taps& taps : down) {
        for (int64_t x = 0; x < width; ++x) {
          double sum = 0;
          const double* pixel = rows.data() + taps.first * width + x;
          for (double weight : taps.weights) {
            sum += weight * *pixel;
            pixel += width;
          }
          *to++ = to_pixel<T>(sum);
        }
      }
    }
  });
  return result;
}

}  // namespace tessera::data
