// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image_transforms.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/image_planes.h"
#include "tessera/data/transform_random.h"

namespace tessera::data {
namespace {

ImageExtent extent_of(const char* who, const Tensor& image) {
  const ImagePlanes planes = image_planes(who, image);
  return {planes.height, planes.width};
}

void check_probability(const char* who, double p) {
  if (p >= 0 && p <= 1) return;
  raise(absl::InvalidArgumentError(absl::StrCat(who, ": p is ", p, ", it must be in [0, 1]")));
}

// Uniform in [-limit, limit).
double either_way(CounterRandom& random, double limit) {
  return limit * (2 * random.uniform_double() - 1);
}

}  // namespace

Tensor Resize::operator()(const Tensor& image) const {
  if (!keeps_proportion_) return resize_image(image, size_.height, size_.width, antialias_);
  const ImageExtent from = extent_of("Resize", image);
  const int64_t shorter = std::min(from.height, from.width), size = size_.height;
  const int64_t longer = std::max(from.height, from.width) * size / shorter;
  return from.height <= from.width ? resize_image(image, size, longer, antialias_)
                                   : resize_image(image, longer, size, antialias_);
}

Tensor CenterCrop::operator()(const Tensor& image) const {
  const ImageExtent from = extent_of("CenterCrop", image);
  // Half a pixel goes to the even side; around a smaller image, to the end.
  const auto begin = [](int64_t from, int64_t to) {
    if (from < to) return -((to - from) / 2);
    return static_cast<int64_t>(std::nearbyint(static_cast<double>(from - to) / 2));
  };
  return crop_image(image, begin(from.height, size_.height), begin(from.width, size_.width),
                    size_.height, size_.width);
}

Tensor RandomCrop::operator()(const Tensor& image, const SampleKey& key) const {
  const ImageExtent from = extent_of("RandomCrop", image);
  int64_t pad_y = options_.padding, pad_x = options_.padding;
  if (options_.pad_if_needed) {
    pad_y += std::max<int64_t>(0, size_.height - (from.height + 2 * pad_y));
    pad_x += std::max<int64_t>(0, size_.width - (from.width + 2 * pad_x));
  }
  const int64_t room_y = from.height + 2 * pad_y - size_.height;
  const int64_t room_x = from.width + 2 * pad_x - size_.width;
  if (room_y < 0 || room_x < 0) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        "RandomCrop: the crop is ", size_.height, " x ", size_.width,
        ", the image with its padding ", from.height + 2 * pad_y, " x ", from.width + 2 * pad_x)));
  }
  CounterRandom random = transform_random(options_.seed, key);
  const int64_t top = random.below(room_y + 1) - pad_y;
  const int64_t left = random.below(room_x + 1) - pad_x;
  return crop_image(image, top, left, size_.height, size_.width,
                    {.mode = options_.padding_mode, .fill = options_.fill});
}

RandomHorizontalFlip::RandomHorizontalFlip(double p, uint64_t seed) : p_(p), seed_(seed) {
  check_probability("RandomHorizontalFlip", p);
}

Tensor RandomHorizontalFlip::operator()(const Tensor& image, const SampleKey& key) const {
  if (transform_random(seed_, key).uniform_double() >= p_) return image;
  return flip_image_horizontally(image);
}

RandomVerticalFlip::RandomVerticalFlip(double p, uint64_t seed) : p_(p), seed_(seed) {
  check_probability("RandomVerticalFlip", p);
}

Tensor RandomVerticalFlip::operator()(const Tensor& image, const SampleKey& key) const {
  if (transform_random(seed_, key).uniform_double() >= p_) return image;
  return flip_image_vertically(image);
}

RandomRotation::RandomRotation(double degrees, const RandomRotationOptions& options)
    : degrees_{-degrees, degrees}, options_(options) {
  if (!(degrees >= 0) || std::isinf(degrees)) {
    raise(absl::InvalidArgumentError(absl::StrCat("RandomRotation: degrees is ", degrees,
                                                  ", it must be finite and not negative")));
  }
}

RandomRotation::RandomRotation(std::array<double, 2> degrees, const RandomRotationOptions& options)
    : degrees_(degrees), options_(options) {
  if (!(degrees[0] <= degrees[1]) || std::isinf(degrees[0]) || std::isinf(degrees[1])) {
    raise(
        absl::InvalidArgumentError(absl::StrCat("RandomRotation: degrees are ", degrees[0], " to ",
                                                degrees[1], ", they must be finite and ascend")));
  }
}

Tensor RandomRotation::operator()(const Tensor& image, const SampleKey& key) const {
  const auto [least, most] = degrees_;
  const double angle =
      least + (most - least) * transform_random(options_.seed, key).uniform_double();
  return rotate_image(image, angle,
                      {.interpolation = options_.interpolation,
                       .expand = options_.expand,
                       .center = options_.center,
                       .fill = options_.fill});
}

Tensor RandomAffine::operator()(const Tensor& image, const SampleKey& key) const {
  const ImageExtent from = extent_of("RandomAffine", image);
  CounterRandom random = transform_random(options_.seed, key);
  AffineMap map;
  map.angle = either_way(random, degrees_);
  const auto [move_x, move_y] = options_.translate.value_or(std::array<double, 2>{0, 0});
  map.translate_x = std::nearbyint(either_way(random, move_x * static_cast<double>(from.width)));
  map.translate_y = std::nearbyint(either_way(random, move_y * static_cast<double>(from.height)));
  const auto [smallest, largest] = options_.scale.value_or(std::array<double, 2>{1, 1});
  map.scale = smallest + (largest - smallest) * random.uniform_double();
  map.shear_x = either_way(random, options_.shear_x);
  map.shear_y = either_way(random, options_.shear_y);
  return affine_image(image, map, options_.interpolation, options_.fill);
}

}  // namespace tessera::data
