// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/md5.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

// floor(2^32 |sin(i + 1)|)
uint32_t round_constant(int i) {
  return static_cast<uint32_t>(std::floor(std::abs(std::sin(i + 1.0)) * 4294967296.0));
}

struct RoundConstants {
  uint32_t k[64];
  RoundConstants() {
    for (int i = 0; i < 64; ++i) k[i] = round_constant(i);
  }
};

uint32_t load(const uint8_t* bytes) {
  return uint32_t{bytes[3]} << 24 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[1]} << 8 | bytes[0];
}

}  // namespace

void Md5::add_block(const uint8_t* block) {
  static const RoundConstants constants;
  constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
  for (int i = 0; i < 64; ++i) {
    uint32_t f;
    int word;
    switch (i / 16) {
      case 0:
        f = (b & c) | (~b & d), word = i;
        break;
      case 1:
        f = (d & b) | (~d & c), word = (5 * i + 1) % 16;
        break;
      case 2:
        f = b ^ c ^ d, word = (3 * i + 5) % 16;
        break;
      default:
        f = c ^ (b | ~d), word = (7 * i) % 16;
    }
    const uint32_t sum = a + f + constants.k[i] + load(block + 4 * word);
    a = d, d = c, c = b;
    b += std::rotl(sum, kShifts[i / 16][i % 4]);
  }
  state_[0] += a, state_[1] += b, state_[2] += c, state_[3] += d;
}

void Md5::update(std::string_view bytes) {
  length_ += bytes.size();
  while (!bytes.empty()) {
    const size_t taken = std::min(bytes.size(), sizeof(block_) - filled_);
    std::memcpy(block_ + filled_, bytes.data(), taken);
    filled_ += taken;
    bytes.remove_prefix(taken);
    if (filled_ == sizeof(block_)) {
      add_block(block_);
      filled_ = 0;
    }
  }
}

std::string Md5::finish() {
  const uint64_t bits = length_ * 8;
  update(std::string_view("\x80", 1));
  while (filled_ != 56) update(std::string_view("\0", 1));
  char end[8];
  for (int i = 0; i < 8; ++i) end[i] = static_cast<char>(bits >> (8 * i));
  update({end, sizeof(end)});
  char digest[16];
  for (int i = 0; i < 16; ++i) digest[i] = static_cast<char>(state_[i / 4] >> (8 * (i % 4)));
  return absl::BytesToHexString({digest, sizeof(digest)});
}

absl::StatusOr<std::string> md5_of_file(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot open"));
  Md5 hash;
  char buffer[1 << 14];
  size_t got;
  while ((got = std::fread(buffer, 1, sizeof(buffer), file.get())) > 0) hash.update({buffer, got});
  if (std::ferror(file.get()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot read"));
  }
  return hash.finish();
}

}  // namespace tessera::data
