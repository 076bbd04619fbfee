// SPDX-License-Identifier: Apache-2.0
//
// CsvDataset: the rows of a CSV file.
//
//   absl::StatusOr<data::CsvDataset> water = data::CsvDataset::open(
//       "water.csv", {.target = "Potability", .missing = data::CsvMissing::kMean});
//   auto parts = data::random_split(*water, {0.8, 0.2});
#ifndef TESSERA_DATA_CSV_DATASET_H_
#define TESSERA_DATA_CSV_DATASET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tessera/data/csv.h"
#include "tessera/data/csv_encoder.h"
#include "tessera/data/tensor_dataset.h"

namespace tessera::data {

// A sample is x (F) float32 and y (), as csv_encoder.h says; in host memory.
class CsvDataset : public TensorDataset {
 public:
  //   errors: those of read_csv() and CsvEncoder
  static absl::StatusOr<CsvDataset> open(const std::string& path,
                                         const CsvEncoderOptions& options = {},
                                         const CsvOptions& csv = {});
  // A test file, encoded as the training file was.
  static absl::StatusOr<CsvDataset> open(const std::string& path, const CsvEncoder& encoder,
                                         const CsvOptions& csv = {});
  static absl::StatusOr<CsvDataset> from_table(const CsvTable& table,
                                               const CsvEncoderOptions& options = {});
  static absl::StatusOr<CsvDataset> from_table(const CsvTable& table, const CsvEncoder& encoder);

  const CsvEncoder& encoder() const { return encoder_; }
  const std::vector<std::string>& feature_names() const { return encoder_.feature_names(); }
  const std::vector<std::string>& classes() const { return encoder_.classes(); }

 private:
  CsvDataset(const Example& all, CsvEncoder encoder)
      : TensorDataset(all), encoder_(std::move(encoder)) {}
  CsvEncoder encoder_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_CSV_DATASET_H_
