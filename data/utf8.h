// SPDX-License-Identifier: Apache-2.0
//
// UTF-8: one character at a time. For char_vocabulary.h.
//
//   source: Unicode 15, table 3-7 (well-formed byte sequences)
#ifndef TESSERA_DATA_UTF8_H_
#define TESSERA_DATA_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tessera::data {

// Reads the character that `text`, which is not empty, begins with. Returns its bytes, 1 to 4, or 0
// if there is none: an overlong form, a surrogate, a value beyond U+10FFFF, a sequence cut off.
size_t read_utf8(std::string_view text, char32_t& character);

// Appends a character that read_utf8() gave.
void append_utf8(char32_t character, std::string& text);

}  // namespace tessera::data

#endif  // TESSERA_DATA_UTF8_H_
