// SPDX-License-Identifier: Apache-2.0
//
// A random order that is a function of the generator's (seed, purpose, index) alone.
#ifndef TESSERA_DATA_SHUFFLE_H_
#define TESSERA_DATA_SHUFFLE_H_

#include <cstdint>

#include "absl/types/span.h"
#include "tessera/data/counter_random.h"

namespace tessera::data {

// Every order is equally likely. A `random` in the same state gives the same order on every
// machine.
//   source: Fisher and Yates; Durstenfeld (1964)
void shuffle(absl::Span<int64_t> values, CounterRandom& random);

}  // namespace tessera::data

#endif  // TESSERA_DATA_SHUFFLE_H_
