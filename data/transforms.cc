// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/transforms.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {
namespace {

void check_image(const Tensor& image, const char* form, int64_t rank) {
  if (image.dtype() != kUInt8) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("ToTensor: pixels are ", dtype_name(image.dtype()), ", expected uint8")));
  }
  if (image.dim() != rank && image.dim() != rank + 1) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("ToTensor: expected ", form, ", got shape ", image.shape().to_string())));
  }
}

// [0, 255] to [0, 1].
Tensor scale(const Tensor& pixels) {
  Tensor result = pixels.to(kFloat32);
  result.div_(255);
  return result;
}

// One number per channel as (C, 1, 1).
Tensor per_channel(const std::vector<double>& values) {
  const int64_t channels = static_cast<int64_t>(values.size());
  Tensor result = value_or_raise(new_host_tensor(kFloat64, {channels, 1, 1}));
  std::memcpy(result.mutable_data<double>(), values.data(), values.size() * sizeof(double));
  return result;
}

}  // namespace

Tensor ToTensor::operator()(const Tensor& image) const {
  check_image(image, "(H, W) or (H, W, C)", 2);
  if (image.dim() == 2) return scale(image).unsqueeze(0);
  return scale(image.permute({2, 0, 1}));
}

Tensor ToTensor::batch(const Tensor& images) const {
  check_image(images, "(N, H, W) or (N, H, W, C)", 3);
  if (images.dim() == 3) return scale(images).unsqueeze(1);
  return scale(images.permute({0, 3, 1, 2}));
}

Normalize::Normalize(const std::vector<double>& mean, const std::vector<double>& std) {
  if (mean.empty() || mean.size() != std.size()) {
    raise(absl::InvalidArgumentError(absl::StrCat("Normalize: ", mean.size(), " means and ",
                                                  std.size(), " standard deviations")));
  }
  for (double value : std) {
    if (!(value > 0)) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("Normalize: standard deviation ", value, " is not positive")));
    }
  }
  mean_ = per_channel(mean);
  std_ = per_channel(std);
}

Tensor Normalize::operator()(const Tensor& image) const { return apply(image, 3); }

Tensor Normalize::batch(const Tensor& images) const { return apply(images, 4); }

Tensor Normalize::apply(const Tensor& x, int rank) const {
  if (!x.is_floating_point()) {
    raise(absl::InvalidArgumentError(absl::StrCat("Normalize: pixels are ", dtype_name(x.dtype()),
                                                  ", expected a floating point dtype")));
  }
  if (x.dim() != rank || x.size(-3) != mean_.size(0)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("Normalize: expected ", rank == 4 ? "(N, C, H, W)" : "(C, H, W)",
                     " with C = ", mean_.size(0), ", got shape ", x.shape().to_string())));
  }
  const auto like_x = [&](const Tensor& t) { return t.to(x.dtype()).to(x.device()); };
  Tensor result = x.sub(like_x(mean_));
  result.div_(like_x(std_));
  return result;
}

OneHot::OneHot(int64_t classes) : classes_(classes) {
  if (classes < 1) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("OneHot: classes is ", classes, ", it must be at least 1")));
  }
}

Tensor OneHot::operator()(const Tensor& target) const {
  if (!is_integral(target.dtype())) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        "OneHot: classes are ", dtype_name(target.dtype()), ", expected an integer dtype")));
  }
  Shape shape = target.shape();
  shape.push_back(classes_);
  Tensor result = value_or_raise(new_host_tensor(kFloat32, shape));
  if (result.numel() == 0) return result;
  float* values = result.mutable_data<float>();
  std::fill(values, values + result.numel(), 0.0f);
  for (int64_t label : target.to_vector<int64_t>()) {
    if (label < 0 || label >= classes_) {
      raise(absl::OutOfRangeError(
          absl::StrCat("OneHot: class ", label, " is not in [0, ", classes_, ")")));
    }
    values[label] = 1;
    values += classes_;
  }
  return result;
}

}  // namespace tessera::data
