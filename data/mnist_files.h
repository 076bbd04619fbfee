// SPDX-License-Identifier: Apache-2.0
//
// The four files that MNIST and the datasets made after it consist of. For mnist.h.
#ifndef TESSERA_DATA_MNIST_FILES_H_
#define TESSERA_DATA_MNIST_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tessera/data/example.h"

namespace tessera::data {

// x (N, 28, 28) uint8 and y (N) int64 of the training part or the test part. As Mnist::open() says;
// `dataset` is its name for messages.
absl::StatusOr<Example> read_mnist_files(std::string_view dataset, const std::string& folder,
                                         bool train);

}  // namespace tessera::data

#endif  // TESSERA_DATA_MNIST_FILES_H_
