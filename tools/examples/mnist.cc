// SPDX-License-Identifier: Apache-2.0
//
// Tells handwritten digits apart: a logistic regression on the pixels, and a small convolutional
// network, which does better.
//
//   bazel run -c opt //tools/examples:mnist -- --data_dir=/data/mnist
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_replace.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/data/data.h"
#include "tessera/nn/estimators/logistic_regression.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tools/examples/mnist_data.h"
#include "tessera/tools/examples/mnist_flags.h"
#include "tessera/tools/examples/progress.h"

namespace tessera::examples {
namespace {

constexpr int kClasses = 10;

nn::Sequential small_cnn() {
  return nn::Sequential(
      nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),   //
      nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),  //
      nn::Flatten(), nn::Linear(32 * 7 * 7, kClasses));
}

// Part of the test images that a logistic regression on the training images gets right.
double logistic_regression_accuracy(const Digits& digits) {
  const auto pixels = [](const data::TensorDataset& part) {
    data::Example all = data::get_all(data::MapDataset(part, data::ToTensor()));
    return data::Example{all.x.flatten(1).to(Device()), all.y.to(Device())};
  };
  const data::Example train = pixels(digits.train);
  nn::LogisticRegression model({.max_iter = 200});
  model.fit(train.x, train.y);
  const data::Example test = pixels(digits.test);
  return model.score(test.x, test.y);
}

void train(nn::Module& model, const Digits& digits, const MnistFlags& flags) {
  data::DataLoader loader(
      data::MapDataset(digits.train, data::ToTensor()),
      {.batch_size = flags.batch_size, .shuffle = true, .seed = flags.seed, .device = Device()});
  nn::CrossEntropyLoss criterion;
  optim::Adam optimizer(model.parameters(), {.lr = 1e-3});

  model.train();
  for (int64_t epoch = 1; epoch <= flags.epochs; ++epoch) {
    double total_loss = 0;
    for (auto& [x, y] : with_progress(loader, "Epoch " + std::to_string(epoch))) {
      optimizer.zero_grad();
      Tensor loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
      total_loss += loss.item<double>() * static_cast<double>(y.size(0));
    }
    std::printf("Epoch %lld - Loss: %.4f\n", static_cast<long long>(epoch),
                total_loss / static_cast<double>(digits.train.size()));
    std::fflush(stdout);
  }
}

nn::ConfusionMatrix evaluate(nn::Module& model, const Digits& digits) {
  data::DataLoader loader(data::MapDataset(digits.test, data::ToTensor()),
                          {.batch_size = 256, .device = Device()});
  nn::ConfusionMatrix confusion(kClasses);
  model.eval();
  NoGradGuard no_grad;
  for (auto& [x, y] : loader) confusion.update(model(x), y);
  return confusion;
}

absl::Status load_weights(nn::Module& model, const std::string& path) {
  absl::StatusOr<nn::Safetensors> file = nn::load_safetensors(path);
  if (!file.ok()) return file.status();
  absl::Status status = model.load_state_dict(file->tensors).status();
  if (status.ok()) return status;
  return absl::Status(status.code(), path + ": " + std::string(status.message()));
}

absl::Status run(const MnistFlags& flags) {
  if (flags.threads > 0) set_num_threads(flags.threads);
  absl::StatusOr<Device> device = find_device(flags.backend);
  if (!device.ok()) return device.status();
  set_default_device(*device);
  manual_seed(flags.seed);

  nn::Sequential model = small_cnn();
  if (!flags.load.empty()) {
    absl::Status status = load_weights(model, flags.load);
    if (!status.ok()) return status;
  }
  absl::StatusOr<Digits> digits = load_digits(flags);
  if (!digits.ok()) return digits.status();

  const double logistic_regression = logistic_regression_accuracy(*digits);
  std::printf("Logistic Regression accuracy: %.3f\n", logistic_regression);
  std::fflush(stdout);

  train(model, *digits, flags);
  const nn::ConfusionMatrix confusion = evaluate(model, *digits);
  std::printf("CNN accuracy: %.3f\n", confusion.accuracy());
  std::printf("Performance gap (CNN - LogReg): %.3f\n", confusion.accuracy() - logistic_regression);
  std::cout << '\n'
            << nn::classification_report(confusion, {.digits = 3}) << '\n'
            << confusion.to_string() << std::flush;

  if (flags.save.empty()) return absl::OkStatus();
  return nn::save_safetensors(flags.save, model.state_dict());
}

// One line on standard error.
int fail(std::string_view message, int exit_code) {
  const std::string line = absl::StrReplaceAll(message, {{"\n", "; "}});
  std::fprintf(stderr, "mnist: %s\n", line.c_str());
  return exit_code;
}

}  // namespace
}  // namespace tessera::examples

int main(int argc, char** argv) {
  using namespace tessera;
  absl::StatusOr<examples::MnistFlags> flags = examples::parse_mnist_flags(argc, argv);
  if (!flags.ok()) return examples::fail(flags.status().message(), 2);
  try {
    absl::Status status = examples::run(*flags);
    return status.ok() ? 0 : examples::fail(status.message(), 1);
  } catch (const std::exception& error) {  // tessera::Error: a device that fails, most of all
    return examples::fail(error.what(), 1);
  }
}
