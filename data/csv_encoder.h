// SPDX-License-Identifier: Apache-2.0
//
// CsvEncoder: makes tensors of a table. What it learns from one table (categories, what stands for
// missing values) it applies to others, so that training and test files are encoded alike.
//
//   absl::StatusOr<CsvEncoder> encoder =
//       CsvEncoder::fit(train_table, {.target = "Survived", .missing = CsvMissing::kMedian});
//   absl::StatusOr<Example> test = encoder->encode(test_table);
#ifndef TESSERA_DATA_CSV_ENCODER_H_
#define TESSERA_DATA_CSV_ENCODER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/data/csv_table.h"
#include "tessera/data/example.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// What a missing value becomes.
//              of a number              of a category
// kError       an error                 an error
// kDrop        the row is left out      the row is left out
// kMean        the column's mean        the most frequent category (of equals, the first)
// kMedian      its median               the same
// kConstant    options.constant         the same
// kKeep        NaN                      zeros in place of a one; with kCodes, NaN
// In the target column it is an error, or, with kDrop, the row is left out.
enum class CsvMissing { kError, kDrop, kMean, kMedian, kConstant, kKeep };

// kOneHot  one feature per category, "color_red", 1 for the row's own and 0 for the others
// kCodes   one feature, the number of the category from 0
enum class CsvCategories { kOneHot, kCodes };

struct CsvEncoderOptions {
  std::string target = {};  // the column to predict, which is no feature; "": none
  CsvMissing missing = CsvMissing::kError;
  double constant = 0;                        // for kConstant
  std::vector<std::string> categorical = {};  // columns of numbers that are names of categories
  CsvCategories categories = CsvCategories::kOneHot;
  // A category that was not there when the encoder was fitted: false, an error; true, as kKeep.
  bool ignore_unknown = false;
  int64_t max_one_hot = 1000;  // categories of a column; more are refused
};

class CsvEncoder {
 public:
  // Learns the columns of `table`: those of strings are categorical, sorted as bytes; those in
  // options.categorical too, sorted as numbers.
  //   errors: kInvalidArgument with file, line, column and both values: columns in `options` that
  //           are not there; a value that is missing with kError, or not finite as a float32; a
  //           column without a value where one is needed; more than max_one_hot categories
  static absl::StatusOr<CsvEncoder> fit(const CsvTable& table,
                                        const CsvEncoderOptions& options = {});

  // x (N, F) float32, one row per row of `table` that is not dropped.
  // y (N): int64 if the target is integers, or strings, which become their places in classes();
  //        float32 if it is real numbers; (N, 0) float32 if there is no target.
  // Columns are found by name; what else there is in `table` is left out.
  //   errors: as fit(); kInvalidArgument for a missing column, a column of strings that was of
  //           numbers, a category that is new
  absl::StatusOr<Example> encode(const CsvTable& table) const;
  // x alone: the target need not be there. Rows are dropped for their features.
  absl::StatusOr<Tensor> encode_features(const CsvTable& table) const;

  const std::vector<std::string>& feature_names() const;
  // The target's categories if it is of strings, else empty.
  const std::vector<std::string>& classes() const;
  const CsvEncoderOptions& options() const;

 private:
  struct Plan;
  explicit CsvEncoder(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}
  std::shared_ptr<const Plan> plan_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_CSV_ENCODER_H_
