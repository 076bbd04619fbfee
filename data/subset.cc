// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/subset.h"

#include <cmath>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/shuffle.h"

namespace tessera::data {

void check_subset(absl::Span<const int64_t> indices, int64_t size) {
  for (int64_t index : indices) {
    if (index < 0 || index >= size) {
      raise(absl::OutOfRangeError(
          absl::StrCat("Subset: index ", index, " is not in [0, ", size, ")")));
    }
  }
}

std::vector<std::vector<int64_t>> split_indices(int64_t size, absl::Span<const int64_t> lengths,
                                                uint64_t seed) {
  int64_t left = size;
  bool fits = true;
  for (int64_t length : lengths) {
    fits = fits && length >= 0 && length <= left;
    if (fits) left -= length;
  }
  if (!fits || left != 0) {
    raise(absl::InvalidArgumentError(absl::StrCat("random_split: the lengths ",
                                                  absl::StrJoin(lengths, " + "),
                                                  " do not add up to ", size, " samples")));
  }
  std::vector<int64_t> order = range(size);
  CounterRandom random(seed, RandomPurpose::kSplit, 0);
  shuffle(absl::MakeSpan(order), random);
  std::vector<std::vector<int64_t>> parts;
  auto from = order.begin();
  for (int64_t length : lengths) {
    parts.emplace_back(from, from + length);
    from += length;
  }
  return parts;
}

std::vector<int64_t> split_lengths(int64_t size, absl::Span<const double> fractions) {
  double sum = 0;
  bool fits = true;
  for (double fraction : fractions) {
    fits = fits && fraction >= 0 && fraction <= 1;
    sum += fraction;
  }
  if (!fits || std::abs(sum - 1) > 1e-9) {
    raise(absl::InvalidArgumentError(absl::StrCat("random_split: the fractions ",
                                                  absl::StrJoin(fractions, " + "),
                                                  " are not in [0, 1] or do not add up to 1")));
  }
  std::vector<int64_t> lengths;
  int64_t left = size;
  for (double fraction : fractions) {
    lengths.push_back(static_cast<int64_t>(std::floor(static_cast<double>(size) * fraction)));
    left -= lengths.back();
  }
  for (size_t part = 0; left > 0; ++part, --left) lengths[part % lengths.size()] += 1;
  return lengths;
}

}  // namespace tessera::data
