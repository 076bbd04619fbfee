// SPDX-License-Identifier: Apache-2.0
//
// What the decoders of image.h give: rows of grey or RGB pixels. For image.cc.
#ifndef TESSERA_DATA_IMAGE_PIXELS_H_
#define TESSERA_DATA_IMAGE_PIXELS_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"

namespace tessera::data {

struct ImageSize {
  int64_t height = 0;
  int64_t width = 0;
  int channels = 0;  // 1 grey, 3 RGB
};

// Called once, when the size is known: where the rows shall go, one after the other without gaps,
// or an error, which the decoder returns. The memory lives until the decoder returns.
using PixelsFor = std::function<absl::Status(const ImageSize& size, uint8_t** pixels)>;

// Messages have no name before them.
//   errors: kDataLoss with what the library said; kInvalidArgument for what is not supported; those
//           of `pixels_for`
absl::Status decode_png(std::string_view bytes, const PixelsFor& pixels_for);
absl::Status decode_jpeg(std::string_view bytes, const PixelsFor& pixels_for);

}  // namespace tessera::data

#endif  // TESSERA_DATA_IMAGE_PIXELS_H_
