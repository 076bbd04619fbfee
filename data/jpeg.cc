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

// Reads the header and asks for grey or RGB. False after an error.
bool read_header(JpegReader* reader, const unsigned char* bytes, unsigned long count,
                 ImageSize* size, bool* has_four_colours) {
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
  *has_four_colours = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
  if (*has_four_colours) return true;
  jpeg->out_color_space = jpeg->jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
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
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = pixels + static_cast<ptrdiff_t>(jpeg->output_scanline) * row_bytes;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_decompress(jpeg);
  return true;
}

}  // namespace

absl::Status decode_jpeg(std::string_view bytes, const PixelsFor& pixels_for) {
  JpegReader reader;
  const auto lost = [&] { return absl::DataLossError(absl::StrCat("JPEG: ", reader.message)); };
  ImageSize size;
  bool has_four_colours = false;
  if (!read_header(&reader, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                   &size, &has_four_colours)) {
    return lost();
  }
  if (has_four_colours) {
    return absl::InvalidArgumentError("JPEG: the colours are CMYK, expected grey or RGB");
  }
  uint8_t* pixels = nullptr;
  absl::Status status = pixels_for(size, &pixels);
  if (!status.ok()) return status;
  if (!read_pixels(&reader, &size, pixels)) return lost();
  return absl::OkStatus();
}

}  // namespace tessera::data
