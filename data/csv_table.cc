// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv_table.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/csv_value.h"

namespace tessera::data {

std::string_view csv_type_name(CsvType type) {
  constexpr std::string_view kNames[] = {"int64", "float64", "string"};
  return kNames[static_cast<size_t>(type)];
}

CsvColumn::CsvColumn(std::string name, Values values, std::vector<bool> missing)
    : name_(std::move(name)),
      values_(std::move(values)),
      missing_(std::move(missing)),
      missing_count_(std::count(missing_.begin(), missing_.end(), true)) {}

template <class T>
const std::vector<T>& CsvColumn::values(CsvType wanted) const {
  const std::vector<T>* found = std::get_if<std::vector<T>>(&values_);
  if (found == nullptr) {
    raise(absl::InvalidArgumentError(absl::StrCat("csv: column '", name_, "' is of type ",
                                                  csv_type_name(type()), ", not ",
                                                  csv_type_name(wanted))));
  }
  return *found;
}

const std::vector<int64_t>& CsvColumn::int64s() const { return values<int64_t>(CsvType::kInt64); }
const std::vector<double>& CsvColumn::float64s() const { return values<double>(CsvType::kFloat64); }
const std::vector<std::string>& CsvColumn::strings() const {
  return values<std::string>(CsvType::kString);
}

double CsvColumn::number(int64_t row) const {
  if (is_missing(row)) return std::numeric_limits<double>::quiet_NaN();
  if (type() == CsvType::kInt64) return static_cast<double>(int64s()[static_cast<size_t>(row)]);
  return float64s()[static_cast<size_t>(row)];
}

std::string CsvColumn::text(int64_t row) const {
  if (is_missing(row)) return "";
  const size_t at = static_cast<size_t>(row);
  if (type() == CsvType::kString) return strings()[at];
  if (type() == CsvType::kInt64) return absl::StrCat(int64s()[at]);
  char buffer[32];
  const std::to_chars_result result =
      std::to_chars(buffer, buffer + sizeof(buffer), float64s()[at]);
  return std::string(buffer, result.ptr);
}

CsvTable::CsvTable(std::string source, std::vector<CsvColumn> columns, std::vector<int64_t> lines)
    : source_(std::move(source)), columns_(std::move(columns)), lines_(std::move(lines)) {}

std::vector<std::string> CsvTable::names() const {
  std::vector<std::string> names;
  for (const CsvColumn& column : columns_) names.push_back(column.name());
  return names;
}

const CsvColumn* CsvTable::find(std::string_view name) const {
  for (const CsvColumn& column : columns_) {
    if (column.name() == name) return &column;
  }
  return nullptr;
}

const CsvColumn& CsvTable::operator[](std::string_view name) const {
  const CsvColumn* column = find(name);
  if (column == nullptr) {
    raise(absl::NotFoundError(absl::StrCat(source_, ": no column ", show_csv_value(name),
                                           ", there are: ", absl::StrJoin(names(), ", "))));
  }
  return *column;
}

std::string CsvTable::place(int64_t row, const CsvColumn& column) const {
  return absl::StrCat(source_, ":", lines_[static_cast<size_t>(row)], ": column ",
                      show_csv_value(column.name()));
}

}  // namespace tessera::data
