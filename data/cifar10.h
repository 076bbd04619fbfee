// SPDX-License-Identifier: Apache-2.0
//
// CIFAR-10: 32 x 32 colour images of ten kinds of things, from its binary version (Krizhevsky,
// 2009).
//
//   absl::Status status = data::download_cifar10("/data/cifar10");
//   absl::StatusOr<data::Cifar10> train = data::Cifar10::open("/data/cifar10", {.train = true});
//   data::DataLoader loader(data::MapDataset(*train, data::ToTensor()), {.batch_size = 64});
#ifndef TESSERA_DATA_CIFAR10_H_
#define TESSERA_DATA_CIFAR10_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/data/example.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct Cifar10Options {
  bool train = true;  // data_batch_1.bin to data_batch_5.bin; false: test_batch.bin
};

// A sample is x (32, 32, 3) uint8 and y (), its class, int64.
class Cifar10 : public TensorDataset {
 public:
  // Reads the batches from `folder`, from cifar-10-batches-bin in it, or else from
  // cifar-10-binary.tar.gz in it, which is not unpacked to disk. The number of images is what the
  // files have.
  //   errors: kNotFound with what was looked for; kInvalidArgument with file, found and expected
  //           value if a file does not consist of images or has a class above 9; kDataLoss for a
  //           damaged archive
  static absl::StatusOr<Cifar10> open(const std::string& folder,
                                      const Cifar10Options& options = {});

  static const std::vector<std::string>& classes();  // "airplane", "automobile", ...
  const Tensor& images() const { return x(); }       // (N, 32, 32, 3) uint8
  const Tensor& targets() const { return y(); }      // (N) int64

 private:
  explicit Cifar10(const Example& all) : TensorDataset(all) {}
};

// Makes sure that `folder` holds cifar-10-binary.tar.gz, 170 MB; see download.h.
absl::Status download_cifar10(const std::string& folder, bool progress = false);

}  // namespace tessera::data

#endif  // TESSERA_DATA_CIFAR10_H_
