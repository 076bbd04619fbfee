// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/md5.h"

#include <bit>
#include <cmath>

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

}  // namespace

void Md5::add_block(const Block& block) {
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
    const uint32_t sum = a + f + constants.k[i] + block[static_cast<size_t>(word)];
    a = d, d = c, c = b;
    b += std::rotl(sum, kShifts[i / 16][i % 4]);
  }
  state_[0] += a, state_[1] += b, state_[2] += c, state_[3] += d;
}

absl::StatusOr<std::string> md5_of_file(const std::string& path) {
  Md5 hash;
  return hash_of_file(path, hash);
}

}  // namespace tessera::data
