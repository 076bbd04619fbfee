// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_EXAMPLES_MNIST_DATA_H_
#define TESSERA_TOOLS_EXAMPLES_MNIST_DATA_H_

#include "absl/status/statusor.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/tools/examples/mnist_flags.h"

namespace tessera::examples {

// x (N, 28, 28) uint8, y (N) int64.
struct Digits {
  data::TensorDataset train;
  data::TensorDataset test;
};

// The digits that the flags ask for: from files, downloaded first if wanted, or drawn. Prints where
// they come from and how many there are.
absl::StatusOr<Digits> load_digits(const MnistFlags& flags);

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_MNIST_DATA_H_
