// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/data/csv_value.h"

namespace tessera::data {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_line_end(char c) { return c == '\n' || c == '\r'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view field) {
  while (!field.empty() && is_blank(field.front())) field.remove_prefix(1);
  while (!field.empty() && is_blank(field.back())) field.remove_suffix(1);
  return field;
}

}  // namespace

absl::Status check_csv_dialect(const CsvDialect& dialect) {
  const auto shown = [](char c) { return show_csv_value({&c, 1}); };
  const char delimiter = dialect.delimiter, quote = dialect.quote;
  if (delimiter == '\0' || is_line_end(delimiter) || (dialect.trim && is_blank(delimiter))) {
    return absl::InvalidArgumentError(
        absl::StrCat("csv: delimiter ", shown(delimiter), " cannot be told from other text"));
  }
  if (is_line_end(quote) || quote == delimiter || (dialect.trim && is_blank(quote))) {
    return absl::InvalidArgumentError(absl::StrCat("csv: quote ", shown(quote),
                                                   " cannot be told from other text: delimiter ",
                                                   shown(delimiter)));
  }
  return absl::OkStatus();
}

CsvReader::CsvReader(std::string name, std::string_view text, const CsvDialect& dialect)
    : name_(std::move(name)),
      at_(text.data()),
      begin_(text.data()),
      end_(text.data() + text.size()),
      dialect_(dialect) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ += kByteOrderMark.size();
  for (char c : {dialect.delimiter, '\r', '\n', '\0'}) ends_field_[static_cast<uint8_t>(c)] = true;
}

bool CsvReader::skip_line_end() {
  if (at_ == end_ || !is_line_end(*at_)) return false;
  if (*at_ == '\r' && end_ - at_ > 1 && at_[1] == '\n') ++at_;
  ++at_;
  ++line_;
  return true;
}

absl::StatusOr<bool> CsvReader::next(std::vector<std::string_view>& fields) {
  fields.clear();
  used_ = 0;
  while (skip_line_end()) {
  }
  if (at_ == end_) return false;
  record_line_ = line_;
  while (true) {
    std::string_view field;
    absl::Status status = read_field(field, fields.size() + 1);
    if (!status.ok()) [[unlikely]]
      return status;
    if (fields.size() == kMaxFields) [[unlikely]] {
      return absl::ResourceExhaustedError(
          absl::StrCat(name_, ":", record_line_, ": more than ", kMaxFields, " fields"));
    }
    fields.push_back(field);
    if (at_ == end_ || skip_line_end()) return true;
    ++at_;  // the delimiter
  }
}

absl::Status CsvReader::nul_byte(int64_t line, size_t column) const {
  return absl::InvalidArgumentError(absl::StrCat(name_, ":", line, ": column ", column,
                                                 ": NUL byte at offset ", at_ - begin_,
                                                 ", expected text"));
}

absl::Status CsvReader::read_field(std::string_view& field, size_t column) {
  const char* from = at_;
  if (dialect_.quote != '\0') {
    if (dialect_.trim) {
      while (from != end_ && is_blank(*from)) ++from;
    }
    if (from != end_ && *from == dialect_.quote) {
      at_ = from;
      return read_quoted(field, column);
    }
  }
  while (at_ != end_ && !ends_field_[static_cast<uint8_t>(*at_)]) ++at_;
  if (at_ != end_ && *at_ == '\0') [[unlikely]]
    return nul_byte(line_, column);
  field = {from, static_cast<size_t>(at_ - from)};
  if (dialect_.trim) field = trimmed(field);
  return absl::OkStatus();
}

absl::Status CsvReader::read_quoted(std::string_view& field, size_t column) {
  const char quote = dialect_.quote;
  const int64_t opened_on = line_;
  const char* from = ++at_;
  std::string* unescaped = nullptr;
  while (true) {
    while (at_ != end_ && *at_ != quote && !is_line_end(*at_) && *at_ != '\0') ++at_;
    if (at_ == end_) {
      return absl::InvalidArgumentError(
          absl::StrCat(name_, ":", opened_on, ": column ", column,
                       ": the quoted field that begins here does not end"));
    }
    if (*at_ == '\0') return nul_byte(line_, column);
    if (skip_line_end()) continue;
    ++at_;  // the quote
    if (at_ == end_ || *at_ != quote) break;
    // Two quotes stand for one: what is there so far, the first of them included.
    if (unescaped == nullptr) {
      if (used_ == unescaped_.size()) unescaped_.emplace_back();
      unescaped = &unescaped_[used_++];
      unescaped->clear();
    }
    unescaped->append(from, at_);
    from = ++at_;
  }
  const char* to = at_ - 1;
  if (unescaped == nullptr) {
    field = {from, static_cast<size_t>(to - from)};
  } else {
    field = unescaped->append(from, to);
  }
  if (dialect_.trim) {
    while (at_ != end_ && is_blank(*at_)) ++at_;
  }
  if (at_ == end_ || is_line_end(*at_) || *at_ == dialect_.delimiter) return absl::OkStatus();
  if (*at_ == '\0') return nul_byte(line_, column);
  return absl::InvalidArgumentError(
      absl::StrCat(name_, ":", line_, ": column ", column, ": ", show_csv_value({at_, 1}),
                   " after the closing quote, expected ", show_csv_value({&dialect_.delimiter, 1}),
                   " or the line's end; a quote inside a quoted field is written twice"));
}

}  // namespace tessera::data
