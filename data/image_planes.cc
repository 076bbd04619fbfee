// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image_planes.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {

ImagePlanes image_planes(const char* who, const Tensor& image) {
  const DType dtype = image.dtype();
  if (dtype != kUInt8 && dtype != kFloat32 && dtype != kFloat64) {
    raise(absl::InvalidArgumentError(absl::StrCat(who, ": pixels are ", dtype_name(dtype),
                                                  ", expected uint8, float32 or float64")));
  }
  const int64_t rank = image.dim();
  if ((rank != 2 && rank != 3) || image.size(-1) < 1 || image.size(-2) < 1) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        who, ": expected (H, W) or (C, H, W) with pixels, got shape ", image.shape().to_string())));
  }
  if (rank == 3 && image.size(-1) <= 4 && image.size(0) > 4) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(who, ": shape ", image.shape().to_string(),
                     " looks like (H, W, C), expected (C, H, W); ToTensor has to come first")));
  }
  const Tensor dense =
      is_dense_on_host(image) ? image : image.to(value_or_raise(host_device())).contiguous();
  return {dense, rank == 3 ? image.size(0) : 1, image.size(-2), image.size(-1)};
}

Tensor new_image_like(const char* who, const ImagePlanes& image, int64_t height, int64_t width) {
  if (height < 1 || width < 1) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(who, ": size ", height, " x ", width, ", expected at least 1 x 1")));
  }
  const Shape shape =
      image.dense.dim() == 3 ? Shape{image.planes, height, width} : Shape{height, width};
  return value_or_raise(new_host_tensor(image.dense.dtype(), shape, image.dense.device()));
}

}  // namespace tessera::data
