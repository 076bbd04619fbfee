// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/mnist.h"

#include "tessera/data/mnist_files.h"

namespace tessera::data {

absl::StatusOr<Mnist> Mnist::open(const std::string& folder, const MnistOptions& options) {
  absl::StatusOr<Example> all = read_mnist_files("MNIST", folder, options.train);
  if (!all.ok()) return all.status();
  return Mnist(*all);
}

absl::StatusOr<FashionMnist> FashionMnist::open(const std::string& folder,
                                                const MnistOptions& options) {
  absl::StatusOr<Example> all = read_mnist_files("FashionMNIST", folder, options.train);
  if (!all.ok()) return all.status();
  return FashionMnist(*all);
}

const std::vector<std::string>& FashionMnist::classes() {
  static const auto* const names =
      new std::vector<std::string>{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                   "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  return *names;
}

absl::StatusOr<Kmnist> Kmnist::open(const std::string& folder, const MnistOptions& options) {
  absl::StatusOr<Example> all = read_mnist_files("KMNIST", folder, options.train);
  if (!all.ok()) return all.status();
  return Kmnist(*all);
}

const std::vector<std::string>& Kmnist::classes() {
  static const auto* const names =
      new std::vector<std::string>{"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"};
  return *names;
}

}  // namespace tessera::data
