// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/sampler.h"

#include <numeric>

#include "tessera/data/shuffle.h"

namespace tessera::data {

void SequentialSampler::sample(int64_t epoch, absl::Span<int64_t> indices) const {
  std::iota(indices.begin(), indices.end(), int64_t{0});
}

void RandomSampler::sample(int64_t epoch, absl::Span<int64_t> indices) const {
  std::iota(indices.begin(), indices.end(), int64_t{0});
  shuffle(indices, CounterRandom(seed_, RandomPurpose::kShuffle, static_cast<uint64_t>(epoch)));
}

}  // namespace tessera::data
