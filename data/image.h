// SPDX-License-Identifier: Apache-2.0
//
// Reads PNG and JPEG images. A target of its own: programs without images do not link the
// libraries.
//
//   absl::StatusOr<Tensor> image = data::read_image("cat.jpg");        // (H, W, 3) uint8
//   Tensor x = data::ToTensor()(*image);                               // (3, H, W) float32
#ifndef TESSERA_DATA_IMAGE_H_
#define TESSERA_DATA_IMAGE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// kRgb        (H, W, 3); grey images three times
// kGray       (H, W); colours as (19595 R + 38470 G + 7471 B + 2^15) / 2^16, ITU-R 601, as Pillow
//             does
// kUnchanged  (H, W) for grey images, (H, W, 3) for all others
enum class ImageMode { kRgb, kGray, kUnchanged };

struct ImageOptions {
  ImageMode mode = ImageMode::kRgb;
  int64_t max_pixels = int64_t{1} << 27;  // an image that says it has more is refused
  int64_t max_bytes = int64_t{1} << 30;   // of the file
};

// The image in a file, whose first bytes tell its format, in host memory.
//   dtype:  uint8, 0 to 255. Palettes are looked up, 1, 2 and 4 bits spread out, 16 bits scaled
//           down, transparency left out. CMYK and YCCK, which JPEG has, become RGB as in Pillow. No
//           gamma or colour profile is applied.
//   errors: kNotFound and others if the file cannot be read; kInvalidArgument for another format;
//           kDataLoss for a damaged or cut off image, with what the library
//           said; kResourceExhausted above max_pixels or max_bytes
// The file may be hostile. Thread-safe.
absl::StatusOr<Tensor> read_image(const std::string& path, const ImageOptions& options = {});
// The same for the bytes of a file. `name` stands for the path in messages.
absl::StatusOr<Tensor> decode_image(std::string_view name, std::string_view bytes,
                                    const ImageOptions& options = {});

}  // namespace tessera::data

#endif  // TESSERA_DATA_IMAGE_H_
