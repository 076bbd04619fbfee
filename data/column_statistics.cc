// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/column_statistics.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace tessera::data {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return kNone;
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (double value : values) sum += value;
  const double first = sum / n;
  // The rounding errors of the sum, taken back.
  double rest = 0;
  for (double value : values) rest += value - first;
  return first + rest / n;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return kNone;
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values.begin(), middle);
  return below + (*middle - below) / 2;
}

double most_frequent_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double best = kNone;
  ptrdiff_t most = 0;
  for (auto from = values.begin(); from != values.end();) {
    const auto to = std::upper_bound(from, values.end(), *from);
    if (to - from > most) {
      most = to - from;
      best = *from;
    }
    from = to;
  }
  return best;
}

}  // namespace tessera::data
