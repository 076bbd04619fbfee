// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/column_statistics.h"
#include "tessera/data/csv_value.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {
namespace {

absl::Status invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

// What a column holds, in the order of their codes.
struct Categories {
  std::vector<std::string> names;
  absl::flat_hash_map<std::string, int64_t> code_of;
  int64_t most_frequent = 0;

  int64_t count() const { return static_cast<int64_t>(names.size()); }
};

struct Column {
  std::string name;
  std::optional<Categories> categories;  // none: numbers
  double fill = 0;                       // what a missing number becomes
  int64_t first_feature = 0;
};

struct Target {
  std::string name;
  CsvType type;
  Categories categories;
};

Categories find_categories(const CsvColumn& column) {
  struct Found {
    int64_t row;
    int64_t count;
  };
  absl::flat_hash_map<std::string, Found> found;
  for (int64_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    found.try_emplace(column.text(row), Found{row, 0}).first->second.count += 1;
  }
  std::vector<std::pair<std::string, Found>> sorted(found.begin(), found.end());
  std::sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
    if (!column.is_numeric()) return a.first < b.first;
    return column.number(a.second.row) < column.number(b.second.row);
  });
  Categories categories;
  int64_t most = 0;
  for (const auto& [name, place] : sorted) {
    const int64_t code = categories.count();
    if (place.count > most) {
      most = place.count;
      categories.most_frequent = code;
    }
    categories.code_of[name] = code;
    categories.names.push_back(name);
  }
  return categories;
}

absl::Status check_finite(const CsvTable& table, const CsvColumn& column) {
  for (int64_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    if (!std::isfinite(static_cast<float>(column.number(row)))) {
      return invalid(absl::StrCat(table.place(row, column), ": ", column.text(row),
                                  ", expected a finite float32"));
    }
  }
  return absl::OkStatus();
}

// The rows to encode, or an error if one that has to be there is missing a value.
absl::StatusOr<std::vector<int64_t>> choose_rows(const CsvTable& table,
                                                 const std::vector<const CsvColumn*>& columns,
                                                 const CsvColumn* target, CsvMissing missing) {
  std::vector<bool> dropped(static_cast<size_t>(table.rows()));
  const auto look_at = [&](const CsvColumn& column) -> absl::Status {
    if (column.missing_count() == 0) return absl::OkStatus();
    for (int64_t row = 0; row < table.rows(); ++row) {
      if (!column.is_missing(row)) continue;
      if (missing != CsvMissing::kDrop) {
        return invalid(absl::StrCat(table.place(row, column), ": the value is missing, as are ",
                                    column.missing_count() - 1, " more of this column, expected ",
                                    column.is_numeric() ? "a number" : "text"));
      }
      dropped[static_cast<size_t>(row)] = true;
    }
    return absl::OkStatus();
  };
  if (missing == CsvMissing::kError || missing == CsvMissing::kDrop) {
    for (const CsvColumn* column : columns) {
      absl::Status status = look_at(*column);
      if (!status.ok()) return status;
    }
  }
  if (target != nullptr) {
    absl::Status status = look_at(*target);
    if (!status.ok()) return status;
  }
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < table.rows(); ++row) {
    if (!dropped[static_cast<size_t>(row)]) rows.push_back(row);
  }
  return rows;
}

// The code of a row's category; none for a missing or ignored one.
absl::StatusOr<std::optional<int64_t>> code_of(const CsvTable& table, const CsvColumn& column,
                                               const Categories& categories, int64_t row,
                                               const CsvEncoderOptions& options) {
  if (column.is_missing(row)) {
    if (options.missing == CsvMissing::kKeep) return std::nullopt;
    return categories.most_frequent;
  }
  const auto found = categories.code_of.find(column.text(row));
  if (found != categories.code_of.end()) return found->second;
  if (options.ignore_unknown) return std::nullopt;
  return invalid(absl::StrCat(table.place(row, column), ": category ",
                              show_csv_value(column.text(row)), " is none of the ",
                              categories.count(), " that the encoder was fitted to"));
}

}  // namespace

struct CsvEncoder::Plan {
  CsvEncoderOptions options;
  std::vector<Column> columns;
  std::vector<std::string> feature_names;
  std::optional<Target> target;

  absl::Status add_column(const CsvTable& table, const CsvColumn& column);
  absl::Status add_target(const CsvTable& table);
  absl::StatusOr<std::vector<const CsvColumn*>> find_columns(const CsvTable& table) const;
  absl::StatusOr<const CsvColumn*> find_target(const CsvTable& table) const;
  absl::StatusOr<Tensor> encode_x(const CsvTable& table,
                                  const std::vector<const CsvColumn*>& sources,
                                  const std::vector<int64_t>& rows) const;
  absl::StatusOr<Tensor> encode_y(const CsvTable& table, const CsvColumn* source,
                                  const std::vector<int64_t>& rows) const;
};

absl::Status CsvEncoder::Plan::add_column(const CsvTable& table, const CsvColumn& source) {
  Column column = {.name = source.name(),
                   .first_feature = static_cast<int64_t>(feature_names.size())};
  const bool chosen = std::find(options.categorical.begin(), options.categorical.end(),
                                source.name()) != options.categorical.end();
  if (source.is_numeric() && !chosen) {
    absl::Status status = check_finite(table, source);
    if (!status.ok()) return status;
    std::vector<double> present;
    for (int64_t row = 0; row < source.size(); ++row) {
      if (!source.is_missing(row)) present.push_back(source.number(row));
    }
    const bool learns =
        options.missing == CsvMissing::kMean || options.missing == CsvMissing::kMedian;
    if (learns && present.empty()) {
      return invalid(absl::StrCat(table.source(), ": column ", show_csv_value(source.name()),
                                  " has no value to take the ",
                                  options.missing == CsvMissing::kMean ? "mean" : "median", " of"));
    }
    column.fill = std::numeric_limits<double>::quiet_NaN();
    if (options.missing == CsvMissing::kMean) column.fill = mean_of(present);
    if (options.missing == CsvMissing::kMedian) column.fill = median_of(std::move(present));
    if (options.missing == CsvMissing::kConstant) column.fill = options.constant;
    feature_names.push_back(source.name());
  } else {
    column.categories = find_categories(source);
    const int64_t count = column.categories->count();
    const bool learns = options.missing == CsvMissing::kMean ||
                        options.missing == CsvMissing::kMedian ||
                        options.missing == CsvMissing::kConstant;
    if (learns && count == 0) {
      return invalid(absl::StrCat(table.source(), ": column ", show_csv_value(source.name()),
                                  " has no value to take the most frequent of"));
    }
    if (options.categories == CsvCategories::kCodes) {
      feature_names.push_back(source.name());
    } else {
      if (count > options.max_one_hot) {
        return invalid(absl::StrCat(table.source(), ": column ", show_csv_value(source.name()),
                                    " has ", count, " categories, the limit of one-hot columns is ",
                                    options.max_one_hot, "; encode codes, or drop the column"));
      }
      for (const std::string& name : column.categories->names) {
        feature_names.push_back(absl::StrCat(source.name(), "_", name));
      }
    }
  }
  columns.push_back(std::move(column));
  return absl::OkStatus();
}

absl::Status CsvEncoder::Plan::add_target(const CsvTable& table) {
  if (options.target.empty()) return absl::OkStatus();
  const CsvColumn* source = table.find(options.target);
  if (source == nullptr) {
    return invalid(absl::StrCat(table.source(), ": no column ", show_csv_value(options.target),
                                ", which is the target"));
  }
  target = {.name = options.target, .type = source->type()};
  if (target->type == CsvType::kString) target->categories = find_categories(*source);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<const CsvColumn*>> CsvEncoder::Plan::find_columns(
    const CsvTable& table) const {
  std::vector<const CsvColumn*> found;
  for (const Column& column : columns) {
    const CsvColumn* source = table.find(column.name);
    if (source == nullptr) {
      return invalid(absl::StrCat(table.source(), ": no column ", show_csv_value(column.name),
                                  ", which the encoder was fitted to"));
    }
    if (!column.categories && !source->is_numeric()) {
      return invalid(absl::StrCat(table.source(), ": column ", show_csv_value(column.name),
                                  " is of strings, it was of numbers when the encoder was fitted"));
    }
    found.push_back(source);
  }
  return found;
}

absl::StatusOr<const CsvColumn*> CsvEncoder::Plan::find_target(const CsvTable& table) const {
  if (!target) return nullptr;
  const CsvColumn* source = table.find(target->name);
  if (source == nullptr) {
    return invalid(absl::StrCat(table.source(), ": no column ", show_csv_value(target->name),
                                ", which is the target"));
  }
  // Integers are real numbers, and numbers are text, but not the other way round.
  if (source->type() > target->type) {
    return invalid(absl::StrCat(table.source(), ": the target ", show_csv_value(target->name),
                                " is of type ", csv_type_name(source->type()), ", it was ",
                                csv_type_name(target->type), " when the encoder was fitted"));
  }
  if (target->type == CsvType::kFloat64) {
    absl::Status status = check_finite(table, *source);
    if (!status.ok()) return status;
  }
  return source;
}

absl::StatusOr<Tensor> CsvEncoder::Plan::encode_x(const CsvTable& table,
                                                  const std::vector<const CsvColumn*>& sources,
                                                  const std::vector<int64_t>& rows) const {
  const int64_t features = static_cast<int64_t>(feature_names.size());
  const int64_t count = static_cast<int64_t>(rows.size());
  absl::StatusOr<Tensor> x = new_host_tensor(kFloat32, {count, features});
  if (!x.ok() || x->numel() == 0) return x;
  float* values = x->mutable_data<float>();
  std::fill(values, values + x->numel(), 0.0f);
  const bool one_hot = options.categories == CsvCategories::kOneHot;
  for (size_t i = 0; i < columns.size(); ++i) {
    const CsvColumn& source = *sources[i];
    const Column& column = columns[i];
    float* target = values + column.first_feature;
    if (!column.categories) {
      absl::Status status = check_finite(table, source);
      if (!status.ok()) return status;
    }
    for (int64_t row : rows) {
      if (!column.categories) {
        *target = static_cast<float>(source.is_missing(row) ? column.fill : source.number(row));
      } else {
        absl::StatusOr<std::optional<int64_t>> code =
            code_of(table, source, *column.categories, row, options);
        if (!code.ok()) return code.status();
        if (!one_hot) {
          *target = *code ? static_cast<float>(**code) : std::numeric_limits<float>::quiet_NaN();
        } else if (*code) {
          target[**code] = 1;
        }
      }
      target += features;
    }
  }
  return x;
}

absl::StatusOr<Tensor> CsvEncoder::Plan::encode_y(const CsvTable& table, const CsvColumn* source,
                                                  const std::vector<int64_t>& rows) const {
  const int64_t count = static_cast<int64_t>(rows.size());
  if (!target) return new_host_tensor(kFloat32, {count, 0});
  absl::StatusOr<Tensor> y =
      new_host_tensor(target->type == CsvType::kFloat64 ? kFloat32 : kInt64, {count});
  if (!y.ok() || count == 0) return y;
  if (target->type == CsvType::kFloat64) {
    float* values = y->mutable_data<float>();
    for (int64_t row : rows) *values++ = static_cast<float>(source->number(row));
    return y;
  }
  int64_t* values = y->mutable_data<int64_t>();
  for (int64_t row : rows) {
    if (target->type == CsvType::kInt64) {
      *values++ = source->int64s()[static_cast<size_t>(row)];
      continue;
    }
    absl::StatusOr<std::optional<int64_t>> code =
        code_of(table, *source, target->categories, row, /*options=*/{});
    if (!code.ok()) return code.status();
    *values++ = **code;
  }
  return y;
}

absl::StatusOr<CsvEncoder> CsvEncoder::fit(const CsvTable& table,
                                           const CsvEncoderOptions& options) {
  auto plan = std::make_shared<Plan>();
  plan->options = options;
  for (const std::string& name : options.categorical) {
    if (table.find(name) == nullptr) {
      return invalid(absl::StrCat(table.source(), ": no column ", show_csv_value(name),
                                  ", which the option categorical names"));
    }
  }
  absl::Status status = plan->add_target(table);
  if (!status.ok()) return status;
  for (const CsvColumn& column : table.columns()) {
    if (plan->target && column.name() == plan->target->name) continue;
    status = plan->add_column(table, column);
    if (!status.ok()) return status;
  }
  return CsvEncoder(std::move(plan));
}

absl::StatusOr<Example> CsvEncoder::encode(const CsvTable& table) const {
  absl::StatusOr<std::vector<const CsvColumn*>> columns = plan_->find_columns(table);
  if (!columns.ok()) return columns.status();
  absl::StatusOr<const CsvColumn*> target = plan_->find_target(table);
  if (!target.ok()) return target.status();
  absl::StatusOr<std::vector<int64_t>> rows =
      choose_rows(table, *columns, *target, plan_->options.missing);
  if (!rows.ok()) return rows.status();
  absl::StatusOr<Tensor> x = plan_->encode_x(table, *columns, *rows);
  if (!x.ok()) return x.status();
  absl::StatusOr<Tensor> y = plan_->encode_y(table, *target, *rows);
  if (!y.ok()) return y.status();
  return Example{*x, *y};
}

absl::StatusOr<Tensor> CsvEncoder::encode_features(const CsvTable& table) const {
  absl::StatusOr<std::vector<const CsvColumn*>> columns = plan_->find_columns(table);
  if (!columns.ok()) return columns.status();
  absl::StatusOr<std::vector<int64_t>> rows =
      choose_rows(table, *columns, nullptr, plan_->options.missing);
  if (!rows.ok()) return rows.status();
  return plan_->encode_x(table, *columns, *rows);
}

const std::vector<std::string>& CsvEncoder::feature_names() const { return plan_->feature_names; }

const std::vector<std::string>& CsvEncoder::classes() const {
  static const std::vector<std::string>* const none = new std::vector<std::string>;
  return plan_->target ? plan_->target->categories.names : *none;
}

const CsvEncoderOptions& CsvEncoder::options() const { return plan_->options; }

}  // namespace tessera::data
