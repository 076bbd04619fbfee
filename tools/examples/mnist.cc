// SPDX-License-Identifier: Apache-2.0
//
// Tells handwritten digits apart: a logistic regression on the pixels, and a small convolutional
// network, which does better.
//
//   bazel run -c opt //tools/examples:mnist -- --data_dir=/data/mnist
#include <cstdio>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/data/data.h"
#include "tessera/nn/estimators/logistic_regression.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tools/examples/mnist_data.h"
#include "tessera/tools/examples/mnist_flags.h"
#include "tessera/tools/examples/program.h"
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
  nn::ConfusionMatrix confusion(kClasses, digits.classes);
  model.eval();
  NoGradGuard no_grad;
  for (auto& [x, y] : loader) confusion.update(model(x), y);
  return confusion;
}

absl::Status run(const MnistFlags& flags) {
  absl::Status status = set_up(flags.backend, flags.threads, flags.seed);
  if (!status.ok()) return status;
  nn::Sequential model = small_cnn();
  if (!flags.load.empty()) {
    status = load_weights(model, flags.load);
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

}  // namespace
}  // namespace tessera::examples

int main(int argc, char** argv) {
  using namespace tessera::examples;
  return run_program("mnist", parse_mnist_flags(argc, argv), run);
}
