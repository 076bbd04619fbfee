// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_EXAMPLES_MNIST_FLAGS_H_
#define TESSERA_TOOLS_EXAMPLES_MNIST_FLAGS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace tessera::examples {

struct MnistFlags {
  std::string backend;
  std::string dataset;   // "mnist", "fashion" or "kmnist"
  std::string data_dir;  // empty: none was given
  bool download;
  int64_t epochs;
  int64_t batch_size;
  int64_t train_size;
  int64_t test_size;
  uint64_t seed;
  int threads;  // 0: as many as there are processors
  std::string save;
  std::string load;
};

// Reads the command line, as parse_command_line() says.
//   errors: kInvalidArgument with the flag, its value and its range
absl::StatusOr<MnistFlags> parse_mnist_flags(int argc, char** argv);

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_MNIST_FLAGS_H_
