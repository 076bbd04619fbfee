// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/dataset.h"

#include <algorithm>
#include <numeric>

namespace tessera::data {

std::vector<int64_t> range(int64_t count) { return range(0, count); }

std::vector<int64_t> range(int64_t begin, int64_t end) {
  std::vector<int64_t> indices(static_cast<size_t>(std::max<int64_t>(end - begin, 0)));
  std::iota(indices.begin(), indices.end(), begin);
  return indices;
}

}  // namespace tessera::data
