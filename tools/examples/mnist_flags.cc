// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/mnist_flags.h"

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "tessera/tools/examples/program.h"

ABSL_FLAG(std::string, backend, "cpu",
          "Where to compute: cpu, cuda, vulkan, or one with an index, "
          "such as cuda:1.");
ABSL_FLAG(
    std::string, dataset, "mnist",
    "mnist, handwritten digits; fashion (FashionMNIST), clothes; or kmnist, cursive hiragana.");
ABSL_FLAG(std::string, data_dir, "",
          "Folder with the data set's four files, gzipped or not. Without it, "
          "digits are drawn by a built-in generator.");
ABSL_FLAG(bool, download, false,
          "Fetch the data set's files that are not there into --data_dir, or, without "
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

absl::StatusOr<MnistFlags> parse_mnist_flags(int argc, char** argv) {
  absl::Status status = parse_command_line(
      argc, argv,
      "Tells handwritten digits apart: a logistic regression and a small convolutional network.",
      "mnist_flags.cc");
  if (!status.ok()) return status;
  const MnistFlags flags = {
      .backend = absl::GetFlag(FLAGS_backend),
      .dataset = absl::GetFlag(FLAGS_dataset),
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
  status.Update(check_choice("dataset", flags.dataset, {"mnist", "fashion", "kmnist"}));
  status.Update(check_range("epochs", flags.epochs, 0, kMany));
  status.Update(check_range("batch_size", flags.batch_size, 1, kMany));
  status.Update(check_range("train_size", flags.train_size, 1, kMany));
  status.Update(check_range("test_size", flags.test_size, 1, kMany));
  status.Update(check_range("threads", int64_t{flags.threads}, 0, 1024));
  if (!status.ok()) return status;
  if (flags.dataset != "mnist" && flags.data_dir.empty() && !flags.download) {
    return absl::InvalidArgumentError("--dataset=" + flags.dataset +
                                      " needs --data_dir or --download");
  }
  return flags;
}

}  // namespace tessera::examples
