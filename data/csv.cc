// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/data/csv_reader.h"
#include "tessera/data/csv_value.h"
#include "tessera/data/read_whole_file.h"

namespace tessera::data {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

// A column in the making. Its type begins at the narrowest and widens with the values it meets.
struct Column {
  size_t field = 0;  // place in the record
  std::string name;
  std::optional<CsvType> wanted;
  CsvType type = CsvType::kInt64;
  std::vector<int64_t> ints;
  std::vector<double> floats;
  std::vector<std::string> strings;  // filled by a second look at the text
  std::vector<bool> missing;

  void add_missing() {
    missing.push_back(true);
    if (type == CsvType::kInt64) ints.push_back(0);
    if (type == CsvType::kFloat64) floats.push_back(kNoNumber);
  }

  // False if the field is not of the wanted type.
  bool add(std::string_view text) {
    if (type == CsvType::kInt64) {
      int64_t value;
      if (parse_csv_int64(text, value)) {
        ints.push_back(value);
        missing.push_back(false);
        return true;
      }
      if (wanted) return false;
      widen_to_float();
    }
    if (type == CsvType::kFloat64) {
      double value;
      if (parse_csv_float64(text, value)) {
        floats.push_back(value);
        missing.push_back(std::isnan(value));
        return true;
      }
      if (wanted) return false;
      floats = {};
      type = CsvType::kString;
    }
    missing.push_back(false);
    return true;
  }

  void widen_to_float() {
    floats.reserve(ints.capacity());
    for (size_t row = 0; row < ints.size(); ++row) {
      floats.push_back(missing[row] ? kNoNumber : static_cast<double>(ints[row]));
    }
    ints = {};
    type = CsvType::kFloat64;
  }

  CsvColumn finish() {
    const bool empty = std::find(missing.begin(), missing.end(), false) == missing.end();
    if (type == CsvType::kInt64 && empty && !wanted) widen_to_float();
    switch (type) {
      case CsvType::kInt64:
        return {std::move(name), std::move(ints), std::move(missing)};
      case CsvType::kFloat64:
        return {std::move(name), std::move(floats), std::move(missing)};
      case CsvType::kString:
        break;
    }
    return {std::move(name), std::move(strings), std::move(missing)};
  }
};

void append_shown(std::string* text, const std::string& name) {
  absl::StrAppend(text, show_csv_value(name));
}

absl::Status invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

class TableReader {
 public:
  TableReader(std::string_view text, const CsvOptions& options, const std::string& name)
      : text_(text),
        options_(options),
        name_(name),
        dialect_{options.delimiter, options.quote, options.trim},
        missing_(options.missing_values) {}

  absl::StatusOr<CsvTable> read() {
    absl::Status status = check_csv_dialect(dialect_);
    if (!status.ok()) return status;
    CsvReader reader(name_, text_, dialect_);
    std::vector<std::string_view> fields;
    absl::StatusOr<bool> more = reader.next(fields);
    if (!more.ok()) return more.status();
    if (!*more) return invalid(absl::StrCat(name_, ": no records, expected at least one"));
    status = name_fields(fields);
    if (status.ok()) status = choose_columns();
    if (!status.ok()) return status;
    if (options_.header) more = reader.next(fields);
    while (more.ok() && *more) {
      status = add_record(reader, fields);
      if (!status.ok()) return status;
      more = reader.next(fields);
    }
    if (!more.ok()) return more.status();
    fill_strings();
    std::vector<CsvColumn> finished;
    for (Column& column : columns_) finished.push_back(column.finish());
    return CsvTable(name_, std::move(finished), std::move(lines_));
  }

 private:
  // Names for the fields of the first record.
  absl::Status name_fields(const std::vector<std::string_view>& first) {
    field_names_ = options_.names;
    if (!options_.names.empty()) {
      if (options_.names.size() != first.size()) {
        return invalid(absl::StrCat(name_, ": ", options_.names.size(), " names for records of ",
                                    first.size(), " fields"));
      }
    } else if (options_.header) {
      field_names_.assign(first.begin(), first.end());
    } else {
      for (size_t i = 0; i < first.size(); ++i) field_names_.push_back(absl::StrCat(i));
    }
    for (size_t i = 0; i < field_names_.size(); ++i) {
      const auto [other, is_new] = field_of_.try_emplace(field_names_[i], i);
      if (!is_new) {
        return invalid(absl::StrCat(name_, ": columns ", other->second + 1, " and ", i + 1,
                                    " are both named ", show_csv_value(field_names_[i])));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> field_of(const std::string& column, const char* option) const {
    const auto found = field_of_.find(column);
    if (found != field_of_.end()) return found->second;
    constexpr size_t kShown = 50;
    const size_t shown = std::min(field_names_.size(), kShown);
    return invalid(absl::StrCat(
        name_, ": no column ", show_csv_value(column), ", which the option ", option,
        " names; there are: ",
        absl::StrJoin(field_names_.begin(), field_names_.begin() + static_cast<ptrdiff_t>(shown),
                      ", ", append_shown),
        shown < field_names_.size() ? ", ..." : ""));
  }

  absl::Status choose_columns() {
    std::vector<size_t> kept;
    if (options_.columns.empty()) {
      for (size_t i = 0; i < field_names_.size(); ++i) kept.push_back(i);
    }
    for (const std::string& name : options_.columns) {
      absl::StatusOr<size_t> field = field_of(name, "columns");
      if (!field.ok()) return field.status();
      if (std::find(kept.begin(), kept.end(), *field) != kept.end()) {
        return invalid(
            absl::StrCat(name_, ": the option columns names ", show_csv_value(name), " twice"));
      }
      kept.push_back(*field);
    }
    for (const std::string& name : options_.drop_columns) {
      absl::StatusOr<size_t> field = field_of(name, "drop_columns");
      if (!field.ok()) return field.status();
      kept.erase(std::remove(kept.begin(), kept.end(), *field), kept.end());
    }
    for (size_t field : kept) columns_.push_back({.field = field, .name = field_names_[field]});
    for (const auto& [name, type] : options_.types) {
      absl::StatusOr<size_t> field = field_of(name, "types");
      if (!field.ok()) return field.status();
      for (Column& column : columns_) {
        if (column.field == *field) column.wanted = column.type = type;
      }
    }
    return absl::OkStatus();
  }

  absl::Status add_record(const CsvReader& reader, const std::vector<std::string_view>& fields) {
    if (fields.size() != field_names_.size()) {
      return invalid(absl::StrCat(name_, ":", reader.line(), ": ", fields.size(),
                                  fields.size() == 1 ? " field, " : " fields, ",
                                  "the first record has ", field_names_.size()));
    }
    for (Column& column : columns_) {
      const std::string_view text = fields[column.field];
      if (missing_.contains(text)) {
        column.add_missing();
      } else if (!column.add(text)) {
        return invalid(absl::StrCat(name_, ":", reader.line(), ": column ", column.field + 1, " ",
                                    show_csv_value(column.name), ": ", show_csv_value(text),
                                    ", expected ", csv_type_name(*column.wanted)));
      }
    }
    lines_.push_back(reader.line());
    return absl::OkStatus();
  }

  // The text has been read once without an error.
  void fill_strings() {
    std::vector<Column*> strings;
    for (Column& column : columns_) {
      if (column.type == CsvType::kString) strings.push_back(&column);
    }
    if (strings.empty()) return;
    for (Column* column : strings) column->strings.reserve(lines_.size());
    CsvReader reader(name_, text_, dialect_);
    std::vector<std::string_view> fields;
    if (options_.header) (void)reader.next(fields);
    for (size_t row = 0; row < lines_.size(); ++row) {
      (void)reader.next(fields);
      for (Column* column : strings) {
        column->strings.emplace_back(column->missing[row] ? "" : fields[column->field]);
      }
    }
  }

  const std::string_view text_;
  const CsvOptions& options_;
  const std::string name_;
  const CsvDialect dialect_;
  const CsvMissingValues missing_;
  std::vector<std::string> field_names_;
  absl::flat_hash_map<std::string, size_t> field_of_;
  std::vector<Column> columns_;
  std::vector<int64_t> lines_;
};

}  // namespace

absl::StatusOr<CsvTable> read_csv(const std::string& path, const CsvOptions& options) {
  absl::StatusOr<std::string> text = read_whole_file(path, options.max_bytes);
  if (!text.ok()) return text.status();
  return TableReader(*text, options, path).read();
}

absl::StatusOr<CsvTable> parse_csv(std::string_view text, const CsvOptions& options,
                                   const std::string& name) {
  if (static_cast<int64_t>(text.size()) > options.max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(name, ": ", text.size(), " bytes, the limit is ", options.max_bytes));
  }
  return TableReader(text, options, name).read();
}

}  // namespace tessera::data
