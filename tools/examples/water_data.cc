// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/water_data.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/csv_dataset.h"
#include "tessera/data/simple_imputer.h"
#include "tessera/data/standard_scaler.h"
#include "tessera/data/subset.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::examples {
namespace {

// (N, features) with NaN where a value is missing, and (N).
absl::StatusOr<data::TensorDataset> read_table(const WaterFlags& flags) {
  absl::StatusOr<data::CsvDataset> table = data::CsvDataset::open(
      flags.csv, {.target = flags.target, .missing = data::CsvMissing::kKeep});
  if (!table.ok()) return table.status();
  return *table;
}

// As water_potability.csv: nine columns, of which a product and a square decide, with noise, so
// that a straight line does badly; one value in twenty is missing.
data::TensorDataset draw_table(uint64_t seed) {
  constexpr int64_t kRows = 2000, kColumns = 9;
  Generator generator = {.seed = seed};
  const TensorOptions on_host = {.device = Device("cpu")};
  const Tensor x = randn({kRows, kColumns}, on_host, &generator);
  const auto column = [&](int64_t i) { return x.select(1, i); };
  const Tensor logit = column(0) * column(1) * 2 + column(2).square() - 1 + column(3) * 0.3;
  const Tensor y = bernoulli(sigmoid(logit * 2), &generator);
  const Tensor missing = rand(x.shape(), on_host, &generator) < 0.05;
  const Tensor values = x * 10 + 50;
  return data::TensorDataset(values.masked_fill(missing, std::numeric_limits<double>::quiet_NaN()),
                             y);
}

absl::Status check_targets(const Tensor& y, const std::string& name) {
  for (double value : y.to_vector<double>()) {
    if (value == 0 || value == 1) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--target column '", name, "' has the value ", value, ", not only 0 and 1"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WaterParts> load_water(const WaterFlags& flags) {
  const bool drawn = flags.csv.empty();
  if (drawn) std::printf("No --csv is given: using a table from the built-in generator\n");
  absl::StatusOr<data::TensorDataset> table = drawn ? draw_table(flags.seed) : read_table(flags);
  if (!table.ok()) return table.status();
  absl::Status status = check_targets(table->y(), flags.target);
  if (!status.ok()) return status;

  const int64_t rows = table->size();
  const auto part = [&](double size) { return std::llround(size * static_cast<double>(rows)); };
  const int64_t validation = part(flags.validation_part), test = part(flags.test_part);
  const int64_t train = rows - validation - test;
  if (train < 1 || validation < 1 || test < 1) {
    return absl::InvalidArgumentError(absl::StrCat(rows, " rows are too few for three parts"));
  }
  const auto parts = data::random_split(*table, {train, validation, test}, flags.seed);

  data::SimpleImputer imputer({.strategy = flags.impute == "median" ? data::ImputeStrategy::kMedian
                                                                    : data::ImputeStrategy::kMean});
  data::StandardScaler scaler;
  scaler.fit(imputer.fit_transform(data::get_all(parts[0]).x));
  const auto prepared = [&](const auto& subset) {
    const data::Example all = data::get_all(subset);
    return data::Example{scaler(imputer(all.x)).to(Device()),
                         all.y.to(kFloat32).unsqueeze(1).to(Device())};
  };
  const int64_t missing = table->x().isnan().sum().item<int64_t>();
  std::printf(
      "%lld training, %lld validation and %lld test rows of %lld columns %s%s, %lld values "
      "missing\n",
      static_cast<long long>(train), static_cast<long long>(validation),
      static_cast<long long>(test), static_cast<long long>(table->x().size(1)),
      drawn ? "drawn" : "from ", flags.csv.c_str(), static_cast<long long>(missing));
  return WaterParts{prepared(parts[0]), prepared(parts[1]), prepared(parts[2])};
}

}  // namespace tessera::examples
