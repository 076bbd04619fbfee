// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/water_flags.h"

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tools/examples/program.h"

ABSL_FLAG(std::string, backend, "cpu",
          "Where to compute: cpu, cuda, vulkan, or one with an index, such as cuda:1.");
ABSL_FLAG(std::string, csv, "",
          "A table with a header: numbers, of which some may be missing, and the target. Without "
          "it, a table is drawn by a built-in generator.");
ABSL_FLAG(std::string, target, "Potability", "The column to predict: 0 or 1.");
ABSL_FLAG(std::string, impute, "mean",
          "What a missing number becomes: its column's mean or median in the training part.");
ABSL_FLAG(double, validation_part, 0.2, "Part of the rows that says when to stop.");
ABSL_FLAG(double, test_part, 0.2, "Part of the rows that the report is about.");
ABSL_FLAG(int64_t, epochs, 200, "Passes over the training part, at most.");
ABSL_FLAG(int64_t, patience, 20,
          "Epochs without a smaller validation loss after which training stops.");
ABSL_FLAG(int64_t, batch_size, 64, "Rows in a training step.");
ABSL_FLAG(double, lr, 1e-3, "Learning rate.");
ABSL_FLAG(uint64_t, seed, 0,
          "Of the split, the initial weights, the order of rows, a drawn table.");
ABSL_FLAG(int, threads, 0, "Threads to compute with; 0: as many as there are processors.");
ABSL_FLAG(std::string, save, "", "Write the network's weights to this file (safetensors).");

namespace tessera::examples {

absl::StatusOr<WaterFlags> parse_water_flags(int argc, char** argv) {
  absl::Status status = parse_command_line(
      argc, argv,
      "Tells drinkable water by its measured qualities: a small network on a table with missing "
      "values, beside a logistic regression.",
      "water_flags.cc");
  if (!status.ok()) return status;
  const WaterFlags flags = {
      .backend = absl::GetFlag(FLAGS_backend),
      .csv = absl::GetFlag(FLAGS_csv),
      .target = absl::GetFlag(FLAGS_target),
      .impute = absl::GetFlag(FLAGS_impute),
      .validation_part = absl::GetFlag(FLAGS_validation_part),
      .test_part = absl::GetFlag(FLAGS_test_part),
      .epochs = absl::GetFlag(FLAGS_epochs),
      .patience = absl::GetFlag(FLAGS_patience),
      .batch_size = absl::GetFlag(FLAGS_batch_size),
      .lr = absl::GetFlag(FLAGS_lr),
      .seed = absl::GetFlag(FLAGS_seed),
      .threads = absl::GetFlag(FLAGS_threads),
      .save = absl::GetFlag(FLAGS_save),
  };
  constexpr int64_t kMany = 1'000'000;
  status.Update(check_choice("impute", flags.impute, {"mean", "median"}));
  status.Update(check_range("validation_part", flags.validation_part, 0.01, 0.98));
  status.Update(check_range("test_part", flags.test_part, 0.01, 0.98));
  status.Update(check_range("epochs", flags.epochs, 0, kMany));
  status.Update(check_range("patience", flags.patience, 1, kMany));
  status.Update(check_range("batch_size", flags.batch_size, 1, kMany));
  status.Update(check_range("lr", flags.lr, 0, 100));
  status.Update(check_range("threads", int64_t{flags.threads}, 0, 1024));
  if (!status.ok()) return status;
  if (flags.validation_part + flags.test_part > 0.99) {
    return absl::InvalidArgumentError(absl::StrCat("--validation_part ", flags.validation_part,
                                                   " and --test_part ", flags.test_part,
                                                   " leave too little to train on"));
  }
  return flags;
}

}  // namespace tessera::examples
