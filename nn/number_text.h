// SPDX-License-Identifier: Apache-2.0
//
// Numbers as Python prints them.
#ifndef TESSERA_NN_NUMBER_TEXT_H_
#define TESSERA_NN_NUMBER_TEXT_H_

#include <charconv>
#include <string>

namespace tessera::nn {

// The shortest text that reads back as `value`, with ".0" behind whole numbers: "0.01", "1.0".
inline std::string float_text(double value) {
  char buffer[32];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end.ptr);
  return text.find_first_of(".ein") == text.npos ? text + ".0" : text;
}

}  // namespace tessera::nn

#endif  // TESSERA_NN_NUMBER_TEXT_H_
