// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/test_files.h"

#include <stdlib.h>
#include <zlib.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

namespace tessera::data {

std::string new_test_folder() {
  std::string path = testing::TempDir() + "/tessera_XXXXXX";
  if (mkdtemp(path.data()) == nullptr) ADD_FAILURE() << "no temporary folder " << path;
  return path;
}

void write_file(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) ADD_FAILURE() << "cannot write " << path;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) ADD_FAILURE() << "cannot read " << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string gzip(std::string_view content) {
  z_stream stream = {};
  constexpr int kWithGzipHeader = 16;
  if (deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + kWithGzipHeader, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    ADD_FAILURE() << "deflateInit2";
  }
  std::string result(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) ADD_FAILURE() << "deflate";
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

std::string tar_member(const std::string& name, const std::string& content, char type,
                       const std::string& prefix) {
  std::string header(512, '\0');
  const auto put = [&](size_t at, const std::string& text) {
    header.replace(at, text.size(), text);
  };
  char size[16];
  std::snprintf(size, sizeof(size), "%011zo", content.size());
  put(0, name);
  put(100, "0000644");
  put(124, size);
  put(156, std::string(1, type));
  put(257, std::string("ustar\0"
                       "00",
                       8));
  put(345, prefix);
  seal_tar_header(header);
  std::string member = header + content;
  member.resize((member.size() + 511) / 512 * 512);
  return member;
}

void seal_tar_header(std::string& member) {
  member.replace(148, 8, "        ");
  int sum = 0;
  for (size_t i = 0; i < 512; ++i) sum += static_cast<uint8_t>(member[i]);
  char checksum[16];
  std::snprintf(checksum, sizeof(checksum), "%06o", sum);
  member.replace(148, 8, std::string(checksum) + std::string("\0 ", 2));
}

std::string idx_file(IdxType type, const std::vector<uint32_t>& sizes, std::string_view elements) {
  std::string file = {'\0', '\0', static_cast<char>(type), static_cast<char>(sizes.size())};
  for (uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(size >> shift);
  }
  file += elements;
  return file;
}

std::string mnist_images(int count) {
  std::string pixels;
  for (int i = 0; i < count * 28 * 28; ++i) pixels += static_cast<char>(i * 7 + i / 784);
  return idx_file(IdxType::kUInt8, {static_cast<uint32_t>(count), 28, 28}, pixels);
}

std::string mnist_labels(int count) {
  std::string labels;
  for (int i = 0; i < count; ++i) labels += static_cast<char>(i * 3 % 10);
  return idx_file(IdxType::kUInt8, {static_cast<uint32_t>(count)}, labels);
}

}  // namespace tessera::data
