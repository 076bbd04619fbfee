// SPDX-License-Identifier: Apache-2.0
//
// The random numbers of a random transform of one sample.
#ifndef TESSERA_DATA_TRANSFORM_RANDOM_H_
#define TESSERA_DATA_TRANSFORM_RANDOM_H_

#include <cstdint>

#include "tessera/data/counter_random.h"
#include "tessera/data/map_dataset.h"

namespace tessera::data {

// A function of the seed and the key alone. The counter has room for the index; epoch and stream
// go into the key, through Philox.
inline CounterRandom transform_random(uint64_t seed, const SampleKey& key) {
  CounterRandom of_epoch(seed, RandomPurpose::kTransformSeed, static_cast<uint64_t>(key.epoch));
  CounterRandom of_stream(of_epoch.wide64(), RandomPurpose::kTransformSeed,
                          static_cast<uint64_t>(key.stream));
  return CounterRandom(of_stream.wide64(), RandomPurpose::kTransform,
                       static_cast<uint64_t>(key.index));
}

}  // namespace tessera::data

#endif  // TESSERA_DATA_TRANSFORM_RANDOM_H_
