// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv_dataset.h"

namespace tessera::data {

absl::StatusOr<CsvDataset> CsvDataset::from_table(const CsvTable& table,
                                                  const CsvEncoder& encoder) {
  absl::StatusOr<Example> all = encoder.encode(table);
  if (!all.ok()) return all.status();
  return CsvDataset(*all, encoder);
}

absl::StatusOr<CsvDataset> CsvDataset::from_table(const CsvTable& table,
                                                  const CsvEncoderOptions& options) {
  absl::StatusOr<CsvEncoder> encoder = CsvEncoder::fit(table, options);
  if (!encoder.ok()) return encoder.status();
  return from_table(table, *encoder);
}

absl::StatusOr<CsvDataset> CsvDataset::open(const std::string& path, const CsvEncoder& encoder,
                                            const CsvOptions& csv) {
  absl::StatusOr<CsvTable> table = read_csv(path, csv);
  if (!table.ok()) return table.status();
  return from_table(*table, encoder);
}

absl::StatusOr<CsvDataset> CsvDataset::open(const std::string& path,
                                            const CsvEncoderOptions& options,
                                            const CsvOptions& csv) {
  absl::StatusOr<CsvTable> table = read_csv(path, csv);
  if (!table.ok()) return table.status();
  return from_table(*table, options);
}

}  // namespace tessera::data
