// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/mnist_flags.h"

#include <string_view>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

ABSL_FLAG(std::string, backend, "cpu",
          "Where to compute: cpu, cuda, vulkan, or one with an index, "
          "such as cuda:1.");
ABSL_FLAG(std::string, data_dir, "",
          "Folder with MNIST's four files, gzipped or not. Without it, "
          "digits are drawn by a built-in generator.");
ABSL_FLAG(bool, download, false,
          "Fetch MNIST's files that are not there into --data_dir, or, without "
          "it, into the user's cache folder.");
ABSL_FLAG(int64_t, epochs, 3, "Passes over the training images.");
ABSL_FLAG(int64_t, batch_size, 64, "Images in a training step.");
ABSL_FLAG(int64_t, train_size, 12000, "Training images, or as many as there are.");
ABSL_FLAG(int64_t, test_size, 2000, "Test images, or as many as there are.");
ABSL_FLAG(uint64_t, seed, 0, "Of the initial weights, the order of the images, and drawn digits.");
ABSL_FLAG(int, threads, 0, "Threads to compute with; 0: as many as there are processors.");
ABSL_FLAG(std::string, save, "", "Write the network's weights to this file (safetensors).");
ABSL_FLAG(std::string, load, "", "Begin with the weights in this file (safetensors).");

namespace tessera::examples {
namespace {

absl::Status check_range(const char* flag, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, " is ", value, ", it must be from ", least, " to ", most));
}

}  // namespace

absl::StatusOr<MnistFlags> parse_mnist_flags(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Tells handwritten digits apart: a logistic regression and a small convolutional network.");
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](std::string_view file) {
    return absl::EndsWith(file, "mnist_flags.cc");
  };
  usage.contains_helpshort_flags = usage.contains_help_flags;
  absl::SetFlagsUsageConfig(usage);
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat("'", rest[1], "' is not a flag (see --help)"));
  }

  const MnistFlags flags = {
      .backend = absl::GetFlag(FLAGS_backend),
      .data_dir = absl::GetFlag(FLAGS_data_dir),
      .download = absl::GetFlag(FLAGS_download),
      .epochs = absl::GetFlag(FLAGS_epochs),
      .batch_size = absl::GetFlag(FLAGS_batch_size),
      .train_size = absl::GetFlag(FLAGS_train_size),
      .test_size = absl::GetFlag(FLAGS_test_size),
      .seed = absl::GetFlag(FLAGS_seed),
      .threads = absl::GetFlag(FLAGS_threads),
      .save = absl::GetFlag(FLAGS_save),
      .load = absl::GetFlag(FLAGS_load),
  };
  constexpr int64_t kMany = 1'000'000;
  absl::Status status = check_range("epochs", flags.epochs, 0, kMany);
  status.Update(check_range("batch_size", flags.batch_size, 1, kMany));
  status.Update(check_range("train_size", flags.train_size, 1, kMany));
  status.Update(check_range("test_size", flags.test_size, 1, kMany));
  status.Update(check_range("threads", flags.threads, 0, 1024));
  if (!status.ok()) return status;
  return flags;
}

}  // namespace tessera::examples
