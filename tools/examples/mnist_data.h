// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_EXAMPLES_MNIST_DATA_H_
#define TESSERA_TOOLS_EXAMPLES_MNIST_DATA_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/tools/examples/mnist_flags.h"

namespace tessera::examples {

// Digits, or the other images that --dataset names: x (N, 28, 28) uint8, y (N) int64.
struct Digits {
  data::TensorDataset train;
  data::TensorDataset test;
  std::vector<std::string> classes = {};  // their names; none: the digits
};

// The images that the flags ask for: from files, downloaded first if wanted, or drawn. Prints where
// they come from and how many there are.
absl::StatusOr<Digits> load_digits(const MnistFlags& flags);

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_MNIST_DATA_H_
