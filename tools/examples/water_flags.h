// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_EXAMPLES_WATER_FLAGS_H_
#define TESSERA_TOOLS_EXAMPLES_WATER_FLAGS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace tessera::examples {

struct WaterFlags {
  std::string backend;
  std::string csv;  // empty: none was given
  std::string target;
  std::string impute;
  double validation_part;
  double test_part;
  int64_t epochs;
  int64_t patience;
  int64_t batch_size;
  double lr;
  uint64_t seed;
  int threads;  // 0: as many as there are processors
  std::string save;
};

// Reads the command line, as parse_command_line() says.
//   errors: kInvalidArgument with the flag, its value and its range
absl::StatusOr<WaterFlags> parse_water_flags(int argc, char** argv);

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_WATER_FLAGS_H_
