// SPDX-License-Identifier: Apache-2.0
//
// libpng reports an error by longjmp(). The functions that it may leave so hold no C++ object with
// a destructor, and what they leave behind is in PngReader, which the caller owns.
#include <png.h>
#include <setjmp.h>

#include <cstddef>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tessera/data/image_pixels.h"

namespace tessera::data {
namespace {

struct PngReader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const char* at = nullptr;
  size_t left = 0;
  char message[200] = "";

  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  PngReader* reader = static_cast<PngReader*>(png_get_error_ptr(png));
  std::snprintf(reader->message, sizeof(reader->message), "%s", message);
  longjmp(png_jmpbuf(png), 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep target, size_t count) {
  PngReader* reader = static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > reader->left) png_error(png, "the file is cut off");
  std::memcpy(target, reader->at, count);
  reader->at += count;
  reader->left -= count;
}

// Reads up to the pixels. False after an error.
bool read_header(PngReader* reader, ImageSize* size) {
  png_structp png = reader->png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, reader, read_bytes);
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);  // the caller limits the pixels
  png_set_chunk_malloc_max(png, 8 << 20);
  png_set_chunk_cache_max(png, 128);
  png_read_info(png, reader->info);
  size->height = png_get_image_height(png, reader->info);
  size->width = png_get_image_width(png, reader->info);
  const bool is_coloured = (png_get_color_type(png, reader->info) & PNG_COLOR_MASK_COLOR) != 0;
  size->channels = is_coloured ? 3 : 1;
  return true;
}

// Asks for 8 bits of grey or RGB and reads the pixels. The rows that libpng takes memory for are no
// larger than the caller allowed.
bool read_pixels(PngReader* reader, const ImageSize* size, uint8_t* pixels) {
  png_structp png = reader->png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_expand(png);  // palettes, fewer than 8 bits, transparent colours
  png_set_scale_16(png);
  png_set_strip_alpha(png);
  const int passes = png_set_interlace_handling(png);  // through an interlaced image: several
  png_read_update_info(png, reader->info);
  const int64_t row_bytes = size->width * size->channels;
  if (png_get_rowbytes(png, reader->info) != static_cast<size_t>(row_bytes)) {
    png_error(png, "unexpected row size");
  }
  for (int pass = 0; pass < passes; ++pass) {
    for (int64_t row = 0; row < size->height; ++row) {
      png_read_row(png, pixels + row * row_bytes, nullptr);
    }
  }
  png_read_end(png, nullptr);
  return true;
}

}  // namespace

absl::Status decode_png(std::string_view bytes, const PixelsFor& pixels_for) {
  PngReader reader;
  reader.at = bytes.data();
  reader.left = bytes.size();
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
  if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
  if (reader.info == nullptr) return absl::ResourceExhaustedError("no memory for libpng");
  const auto lost = [&] { return absl::DataLossError(absl::StrCat("PNG: ", reader.message)); };
  ImageSize size;
  if (!read_header(&reader, &size)) return lost();
  uint8_t* pixels = nullptr;
  absl::Status status = pixels_for(size, &pixels);
  if (!status.ok()) return status;
  if (!read_pixels(&reader, &size, pixels)) return lost();
  return absl::OkStatus();
}

}  // namespace tessera::data
