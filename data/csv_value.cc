// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv_value.h"

#include <charconv>
#include <limits>
#include <system_error>

#include "absl/strings/charconv.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

// Without blanks around it and without a plus sign, which from_chars does not take.
std::string_view number_text(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  return text;
}

// absl::from_chars takes "0x1F" for a number, beside decimal ones.
bool is_hexadecimal(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

}  // namespace

bool parse_csv_int64(std::string_view text, int64_t& value) {
  text = number_text(text);
  const char* end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end;
}

bool parse_csv_float64(std::string_view text, double& value) {
  text = number_text(text);
  if (is_hexadecimal(text)) return false;
  const char* end = text.data() + text.size();
  const absl::from_chars_result result = absl::from_chars(text.data(), end, value);
  if (result.ptr != end) return false;
  if (result.ec == std::errc::result_out_of_range) {
    // The largest or the smallest number of that sign.
    if (value > 1) value = std::numeric_limits<double>::infinity();
    if (value < -1) value = -std::numeric_limits<double>::infinity();
    return true;
  }
  return result.ec == std::errc();
}

CsvMissingValues::CsvMissingValues(const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (value.empty()) {
      contains_empty_ = true;
    } else {
      by_first_byte_[static_cast<uint8_t>(value[0])].push_back(value);
    }
  }
}

bool CsvMissingValues::contains(std::string_view field) const {
  if (field.empty()) return contains_empty_;
  for (const std::string& value : by_first_byte_[static_cast<uint8_t>(field[0])]) {
    if (field == value) return true;
  }
  return false;
}

std::string show_csv_value(std::string_view value) {
  constexpr size_t kShown = 40;
  if (value.size() <= kShown) return absl::StrCat("'", absl::CHexEscape(value), "'");
  return absl::StrCat("'", absl::CHexEscape(value.substr(0, kShown)), "...' (", value.size(),
                      " bytes)");
}

}  // namespace tessera::data
