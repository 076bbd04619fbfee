// SPDX-License-Identifier: Apache-2.0
//
// Subset: some samples of a dataset. random_split: parts that share no sample.
//
//   data::Subset first(mnist, data::range(12000));
//   auto parts = data::random_split(mnist, {50000, 10000}, /*seed=*/0);
#ifndef TESSERA_DATA_SUBSET_H_
#define TESSERA_DATA_SUBSET_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "tessera/data/dataset.h"

namespace tessera::data {

// Throws Error if an index is not in [0, size).
void check_subset(absl::Span<const int64_t> indices, int64_t size);
// Splits the numbers below `size` into random parts of these lengths.
//   errors: kInvalidArgument, thrown, unless the lengths are not negative and add up to `size`
std::vector<std::vector<int64_t>> split_indices(int64_t size, absl::Span<const int64_t> lengths,
                                                uint64_t seed);

template <Dataset D>
class Subset {
 public:
  // Sample i is sample indices[i] of `dataset`; an index may appear more than once.
  //   errors: kOutOfRange, thrown
  Subset(D dataset, std::vector<int64_t> indices)
      : dataset_(std::move(dataset)),
        indices_(std::make_shared<const std::vector<int64_t>>(std::move(indices))) {
    check_subset(*indices_, dataset_.size());
  }

  int64_t size() const { return static_cast<int64_t>(indices_->size()); }
  auto get(int64_t index) const { return dataset_.get(indices_->at(index)); }
  auto get_batch(absl::Span<const int64_t> positions) const requires BatchedDataset<D> {
    absl::InlinedVector<int64_t, 256> chosen;
    chosen.reserve(positions.size());
    for (int64_t position : positions) chosen.push_back(indices_->at(position));
    return dataset_.get_batch(chosen);
  }

  const D& dataset() const { return dataset_; }
  const std::vector<int64_t>& indices() const { return *indices_; }

 private:
  D dataset_;
  std::shared_ptr<const std::vector<int64_t>> indices_;
};

// Random parts of these lengths, the same for the same seed.
//   errors: kInvalidArgument, thrown, unless the lengths add up to dataset.size()
template <Dataset D>
std::vector<Subset<D>> random_split(const D& dataset, const std::vector<int64_t>& lengths,
                                    uint64_t seed = 0) {
  std::vector<Subset<D>> parts;
  for (std::vector<int64_t>& indices : split_indices(dataset.size(), lengths, seed)) {
    parts.emplace_back(dataset, std::move(indices));
  }
  return parts;
}

}  // namespace tessera::data

#endif  // TESSERA_DATA_SUBSET_H_
