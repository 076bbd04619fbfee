// SPDX-License-Identifier: Apache-2.0
//
// CounterRandom: random numbers that are a function of (seed, purpose, index) and nothing else, so
// that what a sample or an epoch draws does not depend on what was drawn before it, or by whom.
//
//   CounterRandom random(seed, RandomPurpose::kShuffle, epoch);
//   int64_t die = 1 + random.below(6);
//
//   source: Philox 4x32-10 (Salmon et al., 2011), key = seed, counter = (block, index, purpose)
#ifndef TESSERA_DATA_COUNTER_RANDOM_H_
#define TESSERA_DATA_COUNTER_RANDOM_H_

#include <cstdint>

#include "tessera/backends/random/philox.h"

namespace tessera::data {

// The last word of the counter, where random tensors have 0: no two purposes share numbers.
enum class RandomPurpose : uint32_t {
  kShuffle = 1,
  kSplit,
  kTrainDigit,
  kTestDigit,
  kWeightedSample,
  kTransformSeed,
  kTransform,
};

class CounterRandom {
 public:
  CounterRandom(uint64_t seed, RandomPurpose purpose, uint64_t index)
      : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)},
        counter_{0, static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32),
                 static_cast<uint32_t>(purpose)} {}

  uint32_t next() {
    if (used_ == 4) {
      tessera_philox4x32(counter_, key_, words_);
      ++counter_[0];
      used_ = 0;
    }
    return words_[used_++];
  }

  // Uniform in [0, limit), limit >= 1, without bias.
  //   source: Lemire: Fast random integer generation in an interval (2019)
  int64_t below(int64_t limit) {
    const uint64_t range = static_cast<uint64_t>(limit);
    unsigned __int128 product = wide() * range;
    if (static_cast<uint64_t>(product) < range) [[unlikely]] {
      const uint64_t threshold = -range % range;
      while (static_cast<uint64_t>(product) < threshold) product = wide() * range;
    }
    return static_cast<int64_t>(product >> 64);
  }

  // Uniform in [0, 1), 53 bits.
  double uniform_double() { return static_cast<double>(wide64() >> 11) * 0x1p-53; }

  // Uniform in [low, high), 24 bits.
  float uniform(float low = 0, float high = 1) {
    return low + (high - low) * (static_cast<float>(next() >> 8) * 0x1p-24f);
  }

  uint64_t wide64() {
    const uint64_t high = next();
    return high << 32 | next();
  }

 private:
  unsigned __int128 wide() { return wide64(); }

  uint32_t key_[2];
  uint32_t counter_[4];
  uint32_t words_[4];
  int used_ = 4;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_COUNTER_RANDOM_H_
