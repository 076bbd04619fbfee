// SPDX-License-Identifier: Apache-2.0
//
// Reads CSV files, gzipped or not.
//
//   absl::StatusOr<data::CsvTable> table =
//       data::read_csv("water.csv", {.drop_columns = {"Id"}, .types = {{"Zip",
//       CsvType::kString}}});
//
// A column's type is the first of int64, float64 and string that all its values are written as.
// csv_dataset.h makes a dataset of a file.
#ifndef TESSERA_DATA_CSV_H_
#define TESSERA_DATA_CSV_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tessera/data/csv_table.h"

namespace tessera::data {

struct CsvOptions {
  char delimiter = ',';
  char quote = '"';    // '\0': quotes mean nothing
  bool trim = false;   // spaces and tabs around a field that is not quoted are not part of it
  bool header = true;  // the first record names the columns
  // The columns' names: instead of the header's, or, if there is none, of "0", "1", ...
  std::vector<std::string> names = {};
  std::vector<std::string> columns = {};       // keep these only, in this order; empty: all
  std::vector<std::string> drop_columns = {};  // leave these out
  std::map<std::string, CsvType> types = {};   // of columns whose type shall not be guessed
  // Fields, quoted or not, that stand for a missing value. Case matters.
  //   source: the defaults of pandas.read_csv
  std::vector<std::string> missing_values = {"",         "#N/A", "#N/A N/A", "#NA",    "-1.#IND",
                                             "-1.#QNAN", "-NaN", "-nan",     "1.#IND", "1.#QNAN",
                                             "<NA>",     "N/A",  "NA",       "NULL",   "NaN",
                                             "None",     "n/a",  "nan",      "null"};
  int64_t max_bytes = int64_t{4} << 30;  // of text; more is refused
};

// The table in a file.
//   format: RFC 4180 with any delimiter. Quoted fields may hold delimiters, line ends and, doubled,
//           quotes. Lines end in LF, CRLF or CR; empty ones are skipped, a byte order mark too.
//   types:  int64 is a decimal integer that fits; float64 a decimal number, "inf" or "nan", and
//           beyond its range infinity or 0; blanks around a number and a '+' before it do not
//           matter; NaN counts as missing; a column without a value is float64
//   errors: kNotFound and others if the file cannot be read; kDataLoss for damaged gzip data;
//           kResourceExhausted above max_bytes or 2^20 columns; kInvalidArgument for text that is
//           not CSV, a record with more or fewer fields than the first, two columns of one name,
//           columns in `options` that are not there, a value that is not of the type in
//           `options.types`. The message has the path, the line, the column and both values.
// Memory: the text and some 8 bytes per number. The file may be hostile.
absl::StatusOr<CsvTable> read_csv(const std::string& path, const CsvOptions& options = {});

// The same for text in memory. `name` stands for the path in messages.
absl::StatusOr<CsvTable> parse_csv(std::string_view text, const CsvOptions& options = {},
                                   const std::string& name = "csv");

}  // namespace tessera::data

#endif  // TESSERA_DATA_CSV_H_
