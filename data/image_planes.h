// SPDX-License-Identifier: Apache-2.0
//
// Images as planes of pixels in host memory. For image_geometry.h.
#ifndef TESSERA_DATA_IMAGE_PLANES_H_
#define TESSERA_DATA_IMAGE_PLANES_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct ImagePlanes {
  Tensor dense;  // in host memory
  int64_t planes = 1;
  int64_t height = 0;
  int64_t width = 0;
};

// Throws Error, whose message begins with `who`, unless it is an image.
ImagePlanes image_planes(const char* who, const Tensor& image);
// A new image of the same kind and another size.
Tensor new_image_like(const char* who, const ImagePlanes& image, int64_t height, int64_t width);

// Calls f with a value of the type of the pixels.
template <class F>
void visit_pixels(const Tensor& image, F&& f) {
  if (image.dtype() == kUInt8) {
    f(uint8_t{});
  } else if (image.dtype() == kFloat32) {
    f(float{});
  } else {
    f(double{});
  }
}

// A computed value as a pixel.
template <class T>
T to_pixel(double value) {
  if constexpr (std::is_same_v<T, uint8_t>) {
    return static_cast<uint8_t>(std::clamp(std::nearbyint(value), 0.0, 255.0));
  } else {
    return static_cast<T>(value);
  }
}

}  // namespace tessera::data

#endif  // TESSERA_DATA_IMAGE_PLANES_H_
