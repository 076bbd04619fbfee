// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/subset.h"

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
  shuffle(absl::MakeSpan(order), CounterRandom(seed, RandomPurpose::kSplit, 0));
  std::vector<std::vector<int64_t>> parts;
  auto from = order.begin();
  for (int64_t length : lengths) {
    parts.emplace_back(from, from + length);
    from += length;
  }
  return parts;
}

}  // namespace tessera::data
