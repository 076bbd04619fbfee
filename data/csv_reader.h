// SPDX-License-Identifier: Apache-2.0
//
// CsvReader: cuts comma-separated text into records and fields. For csv.h.
//
//   source: RFC 4180, and beyond it what spreadsheets write: any delimiter, LF, CRLF or CR, a byte
//           order mark, blank lines, quotes inside a field that does not begin with one
#ifndef TESSERA_DATA_CSV_READER_H_
#define TESSERA_DATA_CSV_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tessera::data {

struct CsvDialect {
  char delimiter = ',';
  char quote = '"';   // '\0': quotes mean nothing
  bool trim = false;  // spaces and tabs around a field that is not quoted are not part of it
};

//   errors: kInvalidArgument if delimiter and quote are alike, a line end, or, with trim, a blank
absl::Status check_csv_dialect(const CsvDialect& dialect);

class CsvReader {
 public:
  // A record with more fields than that is refused.
  static constexpr size_t kMaxFields = size_t{1} << 20;

  // `name` begins every message. `text` must outlive the reader. `dialect` has passed
  // check_csv_dialect().
  CsvReader(std::string name, std::string_view text, const CsvDialect& dialect);

  // Puts the next record's fields into `fields`, unquoted; they hold until the next call. False
  // after the last record. Lines without a character are no records.
  //   errors: kInvalidArgument with line and column: a quoted field that does not end, or goes on
  //           after its closing quote; a NUL byte. kResourceExhausted: more than kMaxFields fields.
  absl::StatusOr<bool> next(std::vector<std::string_view>& fields);

  // The line, from 1, on which the last record began.
  int64_t line() const { return record_line_; }
  const std::string& name() const { return name_; }

 private:
  absl::Status read_field(std::string_view& field, size_t column);
  absl::Status read_quoted(std::string_view& field, size_t column);
  absl::Status nul_byte(int64_t line, size_t column) const;
  // Steps over a line end, if there is one here.
  bool skip_line_end();

  std::string name_;
  const char* at_;
  const char* begin_;
  const char* end_;
  CsvDialect dialect_;
  bool ends_field_[256] = {};  // delimiter, CR, LF, NUL
  int64_t line_ = 1;
  int64_t record_line_ = 0;
  std::deque<std::string> unescaped_;  // quoted fields that hold quotes; the first `used_`
  size_t used_ = 0;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_CSV_READER_H_
