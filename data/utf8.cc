// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/utf8.h"

#include <cstdint>

namespace tessera::data {

size_t read_utf8(std::string_view text, char32_t& character) {
  const uint8_t first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) {
    character = first;
    return 1;
  }
  const size_t bytes = first >= 0xF5   ? 0
                       : first >= 0xF0 ? 4
                       : first >= 0xE0 ? 3
                       : first >= 0xC2 ? 2
                                       : 0;
  if (bytes == 0 || text.size() < bytes) return 0;
  char32_t value = first & (0x7F >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const uint8_t next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return 0;
    value = value << 6 | (next & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[bytes] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return 0;
  character = value;
  return bytes;
}

void append_utf8(char32_t character, std::string& text) {
  if (character < 0x80) {
    text += static_cast<char>(character);
    return;
  }
  const int further = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  constexpr int kLead[] = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(kLead[further] | static_cast<int>(character >> (6 * further)));
  for (int i = further - 1; i >= 0; --i) {
    text += static_cast<char>(0x80 | (character >> (6 * i) & 0x3F));
  }
}

}  // namespace tessera::data
