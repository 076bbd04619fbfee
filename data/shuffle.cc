// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/shuffle.h"

#include <utility>

namespace tessera::data {

void shuffle(absl::Span<int64_t> values, CounterRandom& random) {
  for (int64_t last = static_cast<int64_t>(values.size()) - 1; last > 0; --last) {
    std::swap(values[last], values[random.below(last + 1)]);
  }
}

}  // namespace tessera::data
