// SPDX-License-Identifier: Apache-2.0
//
// Subset: some samples of a dataset. random_split: parts that share no sample.
//
//   data::Subset first(mnist, data::range(12000));
//   auto parts = data::random_split(mnist, {50000, 10000}, /*seed=*/0);
//   auto folds = data::random_split(water, {0.8, 0.1, 0.1});
#ifndef TESSERA_DATA_SUBSET_H_
#define TESSERA_DATA_SUBSET_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <type_traits>
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
// The lengths of parts that are fractions of `size`: floor(size * fraction) each, and what is left
// over, one each to the first ones.
//   errors: kInvalidArgument, thrown, unless the fractions are in [0, 1] and add up to 1
std::vector<int64_t> split_lengths(int64_t size, absl::Span<const double> fractions);

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
  auto get(int64_t index, int64_t epoch = 0) const {
    return get_in_epoch(dataset_, indices_->at(index), epoch);
  }
  auto get_batch(absl::Span<const int64_t> positions,
                 int64_t epoch = 0) const requires BatchedDataset<D> {
    absl::InlinedVector<int64_t, 256> chosen;
    chosen.reserve(positions.size());
    for (int64_t position : positions) chosen.push_back(indices_->at(position));
    return get_batch_in_epoch(dataset_, absl::MakeConstSpan(chosen), epoch);
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

// Random parts that are these fractions of the dataset, with PyTorch's rounding (split_lengths).
//   errors: kInvalidArgument, thrown, unless the fractions are in [0, 1] and add up to 1
template <Dataset D>
std::vector<Subset<D>> random_split(const D& dataset, const std::vector<double>& fractions,
                                    uint64_t seed = 0) {
  return random_split(dataset, split_lengths(dataset.size(), fractions), seed);
}
// For lists of numbers as they stand: {50000, 10000} are lengths, {0.8, 0.2} fractions.
template <Dataset D, class T>
requires std::is_arithmetic_v<T> std::vector<Subset<D>> random_split(const D& dataset,
                                                                     std::initializer_list<T> parts,
                                                                     uint64_t seed = 0) {
  using Part = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
  return random_split(dataset, std::vector<Part>(parts.begin(), parts.end()), seed);
}

}  // namespace tessera::data

#endif  // TESSERA_DATA_SUBSET_H_
