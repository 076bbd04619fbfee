// SPDX-License-Identifier: Apache-2.0
//
// What a CSV field says: a number, or that there is no value; and how messages show it. For csv.h.
#ifndef TESSERA_DATA_CSV_VALUE_H_
#define TESSERA_DATA_CSV_VALUE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::data {

// False if the text, blanks around it left out, is not a number of this type.
bool parse_csv_int64(std::string_view text, int64_t& value);
// Beyond float64's range: infinity or 0.
bool parse_csv_float64(std::string_view text, double& value);

// The texts that stand for a missing value.
class CsvMissingValues {
 public:
  explicit CsvMissingValues(const std::vector<std::string>& values);
  bool contains(std::string_view field) const;

 private:
  bool contains_empty_ = false;
  std::array<std::vector<std::string>, 256> by_first_byte_;
};

// A value or a name out of a file, as messages show it: in quotes, unprintable bytes escaped, a
// long one cut off.
std::string show_csv_value(std::string_view value);

}  // namespace tessera::data

#endif  // TESSERA_DATA_CSV_VALUE_H_
