// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/python_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tessera::nn {
namespace {

std::string shortest(double value, std::chars_format format) {
  char buffer[400];  // fixed: up to 309 digits before the point, or zeros behind it
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr};
}

}  // namespace

std::string python_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const std::string scientific = shortest(value, std::chars_format::scientific);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  if (exponent < -4 || exponent >= 16) return scientific;
  std::string fixed = shortest(value, std::chars_format::fixed);
  return fixed.find('.') == fixed.npos ? fixed + ".0" : fixed;
}

std::string python_text(std::optional<double> value) {
  return value.has_value() ? python_text(*value) : "None";
}

std::string python_text(const Shape& shape) {
  return absl::StrCat("(", absl::StrJoin(shape, ", "), shape.rank() == 1 ? ",)" : ")");
}

}  // namespace tessera::nn
