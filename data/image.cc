// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/host_tensor.h"
#include "tessera/data/image_pixels.h"
#include "tessera/data/read_whole_file.h"

namespace tessera::data {
namespace {

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n", kJpeg = "\xFF\xD8\xFF";

absl::StatusOr<Tensor> new_image(const ImageSize& size) {
  if (size.channels == 1) return new_host_tensor(kUInt8, {size.height, size.width});
  return new_host_tensor(kUInt8, {size.height, size.width, size.channels});
}

// pixels (H, W) to (H, W, 3)
absl::StatusOr<Tensor> to_rgb(const Tensor& gray) {
  absl::StatusOr<Tensor> rgb = new_image({gray.size(0), gray.size(1), 3});
  if (!rgb.ok()) return rgb;
  const uint8_t* from = gray.data<uint8_t>();
  uint8_t* to = rgb->mutable_data<uint8_t>();
  for (int64_t left = gray.numel(); left > 0; --left, to += 3) to[0] = to[1] = to[2] = *from++;
  return rgb;
}

// pixels (H, W, 3) to (H, W)
absl::StatusOr<Tensor> to_gray(const Tensor& rgb) {
  absl::StatusOr<Tensor> gray = new_image({rgb.size(0), rgb.size(1), 1});
  if (!gray.ok()) return gray;
  const uint8_t* from = rgb.data<uint8_t>();
  uint8_t* to = gray->mutable_data<uint8_t>();
  for (int64_t left = gray->numel(); left > 0; --left, from += 3) {
    *to++ = static_cast<uint8_t>(
        (from[0] * 19595u + from[1] * 38470u + from[2] * 7471u + (1u << 15)) >> 16);
  }
  return gray;
}

}  // namespace

absl::StatusOr<Tensor> decode_image(std::string_view name, std::string_view bytes,
                                    const ImageOptions& options) {
  const auto named = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
  };
  Tensor image;
  const PixelsFor pixels_for = [&](const ImageSize& size, uint8_t** pixels) -> absl::Status {
    // Sizes are below 2^31, so that the product is below 2^62.
    if (size.height * size.width > options.max_pixels) {
      return absl::ResourceExhaustedError(absl::StrCat("the image says it has ", size.height, " x ",
                                                       size.width, " pixels, the limit is ",
                                                       options.max_pixels));
    }
    absl::StatusOr<Tensor> made = new_image(size);
    if (!made.ok()) return made.status();
    image = *std::move(made);
    *pixels = image.mutable_data<uint8_t>();
    return absl::OkStatus();
  };
  absl::Status status;
  if (bytes.substr(0, kPng.size()) == kPng) {
    status = decode_png(bytes, pixels_for);
  } else if (bytes.substr(0, kJpeg.size()) == kJpeg) {
    status = decode_jpeg(bytes, pixels_for);
  } else {
    status = absl::InvalidArgumentError(absl::StrCat("neither PNG nor JPEG: it begins with '",
                                                     absl::CHexEscape(bytes.substr(0, kPng.size())),
                                                     "'"));
  }
  if (!status.ok()) return named(status);
  if (options.mode == ImageMode::kRgb && image.dim() == 2) return to_rgb(image);
  if (options.mode == ImageMode::kGray && image.dim() == 3) return to_gray(image);
  return image;
}

absl::StatusOr<Tensor> read_image(const std::string& path, const ImageOptions& options) {
  absl::StatusOr<std::string> bytes = read_whole_file(path, options.max_bytes);
  if (!bytes.ok()) return bytes.status();
  return decode_image(path, *bytes, options);
}

}  // namespace tessera::data
