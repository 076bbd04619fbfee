// SPDX-License-Identifier: Apache-2.0
//
// libjpeg reports an error through a function that must not return: it goes back by longjmp(). The
// functions that it may leave so hold no C++ object with a destructor, and what they leave behind
// is in JpegReader, which the caller owns.
#include <setjmp.h>

// Each of these needs those before it.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <vector>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "absl/strings/str_cat.h"
#include "tessera/data/image_pixels.h"

namespace tessera::data {
namespace {

// A progressive image may repeat itself in small scans that each take as long as a whole image.
constexpr int kMaxScans = 500;

struct JpegReader {
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  jmp_buf back;
  bool created = false;
  std::vector<uint8_t> cmyk;  // one row, of images in four colours
  char message[JMSG_LENGTH_MAX] = "";

  ~JpegReader() {
    if (created) jpeg_destroy_decompress(&jpeg);
  }
};

JpegReader* reader_of(j_common_ptr jpeg) { return static_cast<JpegReader*>(jpeg->client_data); }

[[noreturn]] void on_error(j_common_ptr jpeg) {
  JpegReader* reader = reader_of(jpeg);
  jpeg->err->format_message(jpeg, reader->message);
  longjmp(reader->back, 1);
}

// Of the warnings, which begin at level -1, those about missing data are errors.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  ++jpeg->err->num_warnings;
  const int code = jpeg->err->msg_code;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_NOT_SEQUENTIAL) {
    on_error(jpeg);
  }
}

void on_progress(j_common_ptr jpeg) {
  JpegReader* reader = reader_of(jpeg);
  if (reader->jpeg.input_scan_number <= kMaxScans) return;
  std::snprintf(reader->message, sizeof(reader->message), "more than %d scans", kMaxScans);
  longjmp(reader->back, 1);
}

// a b / 255, rounded to the nearest.
uint8_t product(int a, int b) {
  const int sum = a * b + 128;
  return static_cast<uint8_t>(((sum >> 8) + sum) >> 8);
}

// Ink as Adobe stores it, 255 for none: what Pillow takes all CMYK in JPEG for.
// cmyk (width, 4), rgb (width, 3)
void to_rgb(const uint8_t* cmyk, ptrdiff_t width, uint8_t* rgb) {
  for (; width > 0; --width, cmyk += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<uint8_t>(cmyk[3] - product(255 - cmyk[c], cmyk[3]));
    }
  }
}

// Reads the header and asks for grey, RGB or CMYK. False after an error.
bool read_header(JpegReader* reader, const unsigned char* bytes, unsigned long count,
                 ImageSize* size) {
  jpeg_decompress_struct* jpeg = &reader->jpeg;
  jpeg->err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = on_error;
  reader->errors.emit_message = on_message;
  jpeg->client_data = reader;
  if (setjmp(reader->back) != 0) return false;
  jpeg_create_decompress(jpeg);
  reader->created = true;
  jpeg->client_data = reader;
  reader->progress.progress_monitor = on_progress;
  jpeg->progress = &reader->progress;
  jpeg_mem_src(jpeg, bytes, count);
  jpeg_read_header(jpeg, TRUE);
  switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE:
      jpeg->out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      jpeg->out_color_space = JCS_CMYK;
      break;
    default:
      jpeg->out_color_space = JCS_RGB;
  }
  size->height = jpeg->image_height;
  size->width = jpeg->image_width;
  size->channels = jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3;
  return true;
}

bool read_pixels(JpegReader* reader, const ImageSize* size, uint8_t* pixels) {
  jpeg_decompress_struct* jpeg = &reader->jpeg;
  if (setjmp(reader->back) != 0) return false;
  jpeg_start_decompress(jpeg);
  const ptrdiff_t row_bytes = size->width * size->channels;
  const bool is_cmyk = jpeg->out_color_space == JCS_CMYK;
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t* to = pixels + static_cast<ptrdiff_t>(jpeg->output_scanline) * row_bytes;
    JSAMPROW row = is_cmyk ? reader->cmyk.data() : to;
    jpeg_read_scanlines(jpeg, &row, 1);
    if (is_cmyk) to_rgb(row, size->width, to);
  }
  jpeg_finish_decompress(jpeg);
  return true;
}

}  // namespace

absl::Status decode_jpeg(std::string_view bytes, const PixelsFor& pixels_for) {
  JpegReader reader;
  const auto lost = [&] { return absl::DataLossError(absl::StrCat("JPEG: ", reader.message)); };
  ImageSize size;
  if (!read_header(&reader, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                   &size)) {
    return lost();
  }
  uint8_t* pixels = nullptr;
  absl::Status status = pixels_for(size, &pixels);
  if (!status.ok()) return status;
  if (reader.jpeg.out_color_space == JCS_CMYK) {
    reader.cmyk.resize(static_cast<size_t>(size.width) * 4);
  }
  if (!read_pixels(&reader, &size, pixels)) return lost();
  return absl::OkStatus();
}

}  // namespace tessera::data
