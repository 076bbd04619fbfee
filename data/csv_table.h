// SPDX-License-Identifier: Apache-2.0
//
// CsvTable: a table with named columns of one type each; what read_csv() gives.
//
//   absl::StatusOr<data::CsvTable> table = data::read_csv("water.csv");
//   for (double ph : (*table)["ph"].float64s()) { ... }   // NaN where the field was missing
#ifndef TESSERA_DATA_CSV_TABLE_H_
#define TESSERA_DATA_CSV_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tessera::data {

// Also the place of a type in CsvColumn::Values.
enum class CsvType { kInt64, kFloat64, kString };

std::string_view csv_type_name(CsvType type);  // "int64", "float64", "string"

class CsvColumn {
 public:
  using Values = std::variant<std::vector<int64_t>, std::vector<double>, std::vector<std::string>>;

  // `values` and `missing` have one element per row.
  CsvColumn(std::string name, Values values, std::vector<bool> missing);

  const std::string& name() const { return name_; }
  CsvType type() const { return static_cast<CsvType>(values_.index()); }
  int64_t size() const { return static_cast<int64_t>(missing_.size()); }
  bool is_numeric() const { return type() != CsvType::kString; }

  bool is_missing(int64_t row) const { return missing_[static_cast<size_t>(row)]; }
  int64_t missing_count() const { return missing_count_; }

  // The values; 0, NaN or "" where they are missing.
  //   errors: kInvalidArgument, thrown, if the column is of another type
  const std::vector<int64_t>& int64s() const;
  const std::vector<double>& float64s() const;
  const std::vector<std::string>& strings() const;

  // A numeric column's value as a float64, NaN if it is missing.
  double number(int64_t row) const;
  // The value as text, "" if it is missing: a number as short as it can be told from others.
  std::string text(int64_t row) const;

 private:
  template <class T>
  const std::vector<T>& values(CsvType type) const;

  std::string name_;
  Values values_;
  std::vector<bool> missing_;
  int64_t missing_count_;
};

class CsvTable {
 public:
  // `lines[r]` is the line of the file `source` on which row r begins. All columns have
  // lines.size() rows, and no two the same name.
  CsvTable(std::string source, std::vector<CsvColumn> columns, std::vector<int64_t> lines);

  // What the table was read from: a path, or a name for text.
  const std::string& source() const { return source_; }
  int64_t rows() const { return static_cast<int64_t>(lines_.size()); }
  const std::vector<CsvColumn>& columns() const { return columns_; }
  std::vector<std::string> names() const;

  // The column `name`, or null.
  const CsvColumn* find(std::string_view name) const;
  //   errors: kNotFound, thrown, with the names there are
  const CsvColumn& operator[](std::string_view name) const;

  // "water.csv:17: column 'ph'", to begin a message about a value with.
  std::string place(int64_t row, const CsvColumn& column) const;

 private:
  std::string source_;
  std::vector<CsvColumn> columns_;
  std::vector<int64_t> lines_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_CSV_TABLE_H_
