// SPDX-License-Identifier: Apache-2.0
//
// Values as Python prints them, for extra_repr().
#ifndef TESSERA_NN_PYTHON_TEXT_H_
#define TESSERA_NN_PYTHON_TEXT_H_

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/tensor/shape.h"

namespace tessera::nn {

inline std::string python_text(bool value) { return value ? "True" : "False"; }

// "0.1", "1e-05", "1.0"
inline std::string python_text(double value) {
  std::string text = absl::StrCat(value);
  if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
  return text;
}

inline std::string python_text(std::optional<double> value) {
  return value.has_value() ? python_text(*value) : "None";
}

// "(3, 4)", "(3,)"
inline std::string python_text(const Shape& shape) {
  return absl::StrCat("(", absl::StrJoin(shape, ", "), shape.rank() == 1 ? ",)" : ")");
}

}  // namespace tessera::nn

#endif  // TESSERA_NN_PYTHON_TEXT_H_
