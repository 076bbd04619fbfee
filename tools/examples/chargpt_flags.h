// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_EXAMPLES_CHARGPT_FLAGS_H_
#define TESSERA_TOOLS_EXAMPLES_CHARGPT_FLAGS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace tessera::examples {

struct CharGptFlags {
  std::string backend;
  std::string text;   // empty: none was given
  std::string model;  // "gpt" or "lstm"
  int64_t width;
  int64_t layers;
  int64_t heads;
  int64_t context;
  int64_t steps;
  int64_t batch_size;
  double lr;
  double weight_decay;
  int64_t eval_every;
  int64_t eval_batches;
  int64_t sample_length;
  double temperature;
  std::string prompt;
  uint64_t seed;
  int threads;  // 0: as many as there are processors
  std::string save;
  std::string load;
};

// Reads the command line, as parse_command_line() says.
//   errors: kInvalidArgument with the flag, its value and its range
absl::StatusOr<CharGptFlags> parse_chargpt_flags(int argc, char** argv);

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_CHARGPT_FLAGS_H_
