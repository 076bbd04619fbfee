// SPDX-License-Identifier: Apache-2.0
//
// ConcatDataset: the samples of one dataset, then those of the next, and so on.
//
//   data::ConcatDataset both(std::vector{first, second});
//   data::ConcatDataset<data::AnyDataset<data::Example>> mixed({mnist, digits});
#ifndef TESSERA_DATA_CONCAT_DATASET_H_
#define TESSERA_DATA_CONCAT_DATASET_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tessera/data/collate.h"
#include "tessera/data/dataset.h"

namespace tessera::data {

// Where sample `index` is when datasets that end at `ends` stand one after the other.
struct ConcatPlace {
  size_t dataset;
  int64_t index;
};
//   errors: kOutOfRange, thrown
ConcatPlace concat_place(absl::Span<const int64_t> ends, int64_t index);

template <Dataset D>
class ConcatDataset {
 public:
  explicit ConcatDataset(std::vector<D> datasets) : datasets_(std::move(datasets)) {
    int64_t end = 0;
    for (const D& dataset : datasets_) ends_.push_back(end += dataset.size());
  }

  int64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  auto get(int64_t index, int64_t epoch = 0) const {
    const ConcatPlace place = concat_place(ends_, index);
    return get_in_epoch(datasets_[place.dataset], place.index, epoch);
  }
  // As the dataset gathers them if all are of one, else sample by sample.
  BatchOf<D> get_batch(absl::Span<const int64_t> indices, int64_t epoch = 0) const requires
      BatchedDataset<D> && std::same_as < BatchOf<D>,
  typename Collate<SampleOf<D>>::type > {
    std::vector<int64_t> places;
    places.reserve(indices.size());
    size_t first = 0;
    for (int64_t index : indices) {
      const ConcatPlace place = concat_place(ends_, index);
      if (places.empty()) first = place.dataset;
      if (place.dataset != first) break;
      places.push_back(place.index);
    }
    if (!places.empty() && places.size() == indices.size()) {
      return unwrap(get_batch_in_epoch(datasets_[first], absl::MakeConstSpan(places), epoch));
    }
    std::vector<SampleOf<D>> samples;
    samples.reserve(indices.size());
    for (int64_t index : indices) samples.push_back(unwrap(get(index, epoch)));
    return Collate<SampleOf<D>>::apply(std::move(samples));
  }

  const std::vector<D>& datasets() const { return datasets_; }

 private:
  std::vector<D> datasets_;
  std::vector<int64_t> ends_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_CONCAT_DATASET_H_
