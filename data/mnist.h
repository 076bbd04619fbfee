// SPDX-License-Identifier: Apache-2.0
//
// MNIST: 28 x 28 images of handwritten digits, from its four IDX files (LeCun, Cortes, Burges).
//
//   absl::StatusOr<data::Mnist> train = data::Mnist::open("/data/mnist", {.train = true});
//   data::DataLoader loader(data::MapDataset(*train, data::ToTensor()), {.batch_size = 64});
//
// FashionMnist (Xiao, Rasul, Vollgraf) and Kmnist (Clanuwat et al.) have the same files with other
// images.
#ifndef TESSERA_DATA_MNIST_H_
#define TESSERA_DATA_MNIST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tessera/data/example.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct MnistOptions {
  bool train = true;  // train-*; false: t10k-*
};

// A sample is x (28, 28) uint8, 0 paper to 255 ink, and y (), the digit, int64.
class Mnist : public TensorDataset {
 public:
  // Reads train-images-idx3-ubyte and train-labels-idx1-ubyte, or t10k-*, with or without .gz, from
  // `folder`. The number of images is what the files say.
  //   errors: kNotFound with the paths that were tried; those of read_idx(); kInvalidArgument with
  //           file, field, found and expected value if the files are not images of digits, or do
  //           not belong together
  static absl::StatusOr<Mnist> open(const std::string& folder, const MnistOptions& options = {});

  const Tensor& images() const { return x(); }   // (N, 28, 28) uint8
  const Tensor& targets() const { return y(); }  // (N) int64

 private:
  explicit Mnist(const Example& all) : TensorDataset(all) {}
};

// As Mnist: x is a piece of clothing, y what it is.
class FashionMnist : public TensorDataset {
 public:
  static absl::StatusOr<FashionMnist> open(const std::string& folder,
                                           const MnistOptions& options = {});
  static const std::vector<std::string>& classes();  // "T-shirt/top", "Trouser", ...
  const Tensor& images() const { return x(); }
  const Tensor& targets() const { return y(); }

 private:
  explicit FashionMnist(const Example& all) : TensorDataset(all) {}
};

// As Mnist: x is a cursive hiragana, y which of ten.
class Kmnist : public TensorDataset {
 public:
  static absl::StatusOr<Kmnist> open(const std::string& folder, const MnistOptions& options = {});
  static const std::vector<std::string>& classes();  // "o", "ki", "su", ...
  const Tensor& images() const { return x(); }
  const Tensor& targets() const { return y(); }

 private:
  explicit Kmnist(const Example& all) : TensorDataset(all) {}
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_MNIST_H_
