// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_EXAMPLES_WATER_DATA_H_
#define TESSERA_TOOLS_EXAMPLES_WATER_DATA_H_

#include "absl/status/statusor.h"
#include "tessera/data/example.h"
#include "tessera/tools/examples/water_flags.h"

namespace tessera::examples {

// x (N, features) float32, missing values filled in and standardised by what the training part
// knows; y (N, 1) float32, 0 or 1. On the default device.
struct WaterParts {
  data::Example train, validation, test;
};

// The table that the flags ask for, from a file or drawn, in three random parts. Prints where it
// comes from and its sizes.
absl::StatusOr<WaterParts> load_water(const WaterFlags& flags);

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_WATER_DATA_H_
