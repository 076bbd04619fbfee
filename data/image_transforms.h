// SPDX-License-Identifier: Apache-2.0
//
// Transforms of images for MapDataset, after ToTensor: they take (C, H, W), or (H, W), as
// image_geometry.h says, with its errors.
//
//   data::Compose train(data::ToTensor(), data::RandomCrop({32, 32}, {.padding = 4}),
//                       data::RandomHorizontalFlip(), data::Normalize(mean, std));
//   data::Compose test(data::ToTensor(), data::Normalize(mean, std));
//
// What a random transform does depends on its seed, the sample's index, the epoch and the
// transform's place in Compose, and on nothing else: not on the number of workers.
//
//   source: torchvision.transforms
#ifndef TESSERA_DATA_IMAGE_TRANSFORMS_H_
#define TESSERA_DATA_IMAGE_TRANSFORMS_H_

#include <array>
#include <cstdint>
#include <optional>

#include "tessera/data/image_geometry.h"
#include "tessera/data/map_dataset.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct ImageExtent {
  int64_t height;
  int64_t width;
};

struct ResizeOptions {
  bool antialias = true;  // see resize_image()
};

// Bilinear.
class Resize {
 public:
  explicit Resize(ImageExtent size, ResizeOptions options = {})
      : size_(size), antialias_(options.antialias) {}
  // The shorter side becomes `size` pixels; the longer one keeps the proportion, rounded down.
  explicit Resize(int64_t size, ResizeOptions options = {})
      : size_{size, 0}, keeps_proportion_(true), antialias_(options.antialias) {}
  Tensor operator()(const Tensor& image) const;

 private:
  ImageExtent size_;
  bool keeps_proportion_ = false;
  bool antialias_;
};

// The middle of the image; where the image is smaller, with zeros around it.
class CenterCrop {
 public:
  explicit CenterCrop(ImageExtent size) : size_(size) {}
  Tensor operator()(const Tensor& image) const;

 private:
  ImageExtent size_;
};

struct RandomCropOptions {
  int64_t padding = 0;         // pixels put around the image first
  bool pad_if_needed = false;  // as many more as an image needs that is smaller than the crop
  double fill = 0;
  PaddingMode padding_mode = PaddingMode::kConstant;
  uint64_t seed = 0;
};

// A rectangle from anywhere in the image.
//   errors: kInvalidArgument, thrown, for an image that is smaller than it
class RandomCrop {
 public:
  explicit RandomCrop(ImageExtent size, const RandomCropOptions& options = {})
      : size_(size), options_(options) {}
  Tensor operator()(const Tensor& image, const SampleKey& key) const;

 private:
  ImageExtent size_;
  RandomCropOptions options_;
};

// Mirrors with probability p.
//   errors: kInvalidArgument, thrown, for a probability outside [0, 1]
class RandomHorizontalFlip {
 public:
  explicit RandomHorizontalFlip(double p = 0.5, uint64_t seed = 0);
  Tensor operator()(const Tensor& image, const SampleKey& key) const;

 private:
  double p_;
  uint64_t seed_;
};
class RandomVerticalFlip {
 public:
  explicit RandomVerticalFlip(double p = 0.5, uint64_t seed = 0);
  Tensor operator()(const Tensor& image, const SampleKey& key) const;

 private:
  double p_;
  uint64_t seed_;
};

struct RandomRotationOptions {
  Interpolation interpolation = Interpolation::kNearest;
  bool expand = false;  // see rotate_image()
  std::optional<std::array<double, 2>> center = std::nullopt;
  Fill fill = 0;
  uint64_t seed = 0;
};

// Turns by up to `degrees` either way, or between two angles, counter-clockwise.
//   errors: kInvalidArgument, thrown, for negative degrees, or angles in falling order
class RandomRotation {
 public:
  explicit RandomRotation(double degrees, const RandomRotationOptions& options = {});
  explicit RandomRotation(std::array<double, 2> degrees, const RandomRotationOptions& options = {});
  Tensor operator()(const Tensor& image, const SampleKey& key) const;

 private:
  std::array<double, 2> degrees_;
  RandomRotationOptions options_;
};

struct RandomAffineOptions {
  // Up to these fractions of the width and the height, either way, in whole pixels.
  std::optional<std::array<double, 2>> translate = std::nullopt;
  std::optional<std::array<double, 2>> scale = std::nullopt;  // between these factors
  double shear_x = 0;                                         // up to these degrees, either way
  double shear_y = 0;
  Interpolation interpolation = Interpolation::kNearest;
  Fill fill = 0;
  uint64_t seed = 0;
};

// Turns by up to `degrees` either way, moves, scales and shears, about the middle. The size stays.
class RandomAffine {
 public:
  explicit RandomAffine(double degrees, const RandomAffineOptions& options = {})
      : degrees_(degrees), options_(options) {}
  Tensor operator()(const Tensor& image, const SampleKey& key) const;

 private:
  double degrees_;
  RandomAffineOptions options_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_IMAGE_TRANSFORMS_H_
