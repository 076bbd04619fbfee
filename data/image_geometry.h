// SPDX-License-Identifier: Apache-2.0
//
// Resizing, cropping, flipping and turning images: what the transforms of image_transforms.h do,
// with everything given.
//
// An image is (H, W) or (C, H, W), as ToTensor gives it, of uint8, float32 or float64; so is the
// result. (H, W, C) with up to 4 channels is recognised and refused. Values of uint8 are rounded to
// the nearest. Not differentiable; computed on the host.
//   errors: kInvalidArgument, thrown, for another shape or dtype, sizes below 1
#ifndef TESSERA_DATA_IMAGE_GEOMETRY_H_
#define TESSERA_DATA_IMAGE_GEOMETRY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera::data {

enum class Interpolation { kNearest, kBilinear };
// What lies beyond an image's edge.
// kConstant  a value
// kEdge      the nearest pixel
// kReflect   the image mirrored at the middle of its last pixel, which is not repeated
enum class PaddingMode { kConstant, kEdge, kReflect };

struct Padding {
  PaddingMode mode = PaddingMode::kConstant;
  double fill = 0;  // for kConstant
};

// Bilinear, with pixels' middles as their places (align_corners = false).
//   antialias: true, when made smaller each pixel is a mean over all that it covers, weighted by a
//   triangle, as Pillow and torchvision do; false, of the four around its middle, as
//   torch.nn.functional.interpolate does by default.
Tensor resize_image(const Tensor& image, int64_t height, int64_t width, bool antialias);

// The rectangle of height x width whose upper left pixel is (top, left), which may lie outside.
//   errors: kInvalidArgument, thrown, for kReflect by as much as the image's size or more
Tensor crop_image(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width,
                  const Padding& padding = {});

Tensor flip_image_horizontally(const Tensor& image);  // left and right change places
Tensor flip_image_vertically(const Tensor& image);

// An affine map of the plane, about the image's middle.
struct AffineMap {
  double angle = 0;        // degrees, clockwise
  double translate_x = 0;  // pixels to the right
  double translate_y = 0;  // pixels down
  double scale = 1;
  double shear_x = 0;  // degrees
  double shear_y = 0;
};

// What the pixels from outside are: one value, or one for each channel.
class Fill {
 public:
  Fill(double value = 0) : values_{value} {}  // NOLINT: a number is a fill
  Fill(std::initializer_list<double> values) : values_(values) {}
  explicit Fill(std::vector<double> values) : values_(std::move(values)) {}

  double of(int64_t channel) const {
    return values_.size() == 1 ? values_[0] : values_[static_cast<size_t>(channel)];
  }
  // Throws Error, whose message begins with `who`, unless there is one value, or one for each.
  void check(const char* who, int64_t channels) const;

 private:
  std::vector<double> values_;
};

// The image moved by `map`, of the same size; pixels from outside are `fill`.
//   source: torchvision.transforms.functional.affine; but with kBilinear, pixels outside count as
//           `fill` with their weight
//   errors: kInvalidArgument, thrown, for a scale that is not positive, for numbers that are not
//           finite, and for another number of fills than channels
Tensor affine_image(const Tensor& image, const AffineMap& map,
                    Interpolation interpolation = Interpolation::kNearest, const Fill& fill = 0);

struct RotateOptions {
  Interpolation interpolation = Interpolation::kNearest;
  bool expand =
      false;  // the result is as large as all of the turned image needs; else as the image
  // (x, y), pixels from the image's upper left corner; default: its middle.
  std::optional<std::array<double, 2>> center = std::nullopt;
  Fill fill = 0;
};

// The image turned by `angle` degrees, counter-clockwise (which is affine_image()'s other way).
//   source: torchvision.transforms.functional.rotate, with the middle of the result where it has
//   it:
//           `expand` is meant for a turn about the middle; but for kBilinear, as affine_image()
//   errors: kInvalidArgument, thrown, for an angle or center that is not finite, and for another
//           number of fills than channels
Tensor rotate_image(const Tensor& image, double angle, const RotateOptions& options = {});

}  // namespace tessera::data

#endif  // TESSERA_DATA_IMAGE_GEOMETRY_H_
