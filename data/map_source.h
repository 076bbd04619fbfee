// SPDX-License-Identifier: Apache-2.0
//
// MapSource: the batches of one epoch of a dataset with indices. For data_loader.h.
#ifndef TESSERA_DATA_MAP_SOURCE_H_
#define TESSERA_DATA_MAP_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tessera/data/batch_sampler.h"
#include "tessera/data/collate.h"
#include "tessera/data/data_loader_options.h"
#include "tessera/data/dataset.h"
#include "tessera/data/sample_error.h"

namespace tessera::data {

// Batches as the dataset gathers them, or else as collate.h puts samples together.
struct DefaultCollate {};

// What a source gives for one number.
template <class B>
struct MadeBatch {
  std::optional<B> batch;   // none if all its samples were skipped, or its shard had ended
  bool ends_shard = false;  // true once for each shard
};

template <Dataset D, class C>
struct MapBatch {
  using type = std::remove_cvref_t<std::invoke_result_t<const C&, std::vector<SampleOf<D>>>>;
};
template <Dataset D>
struct MapBatch<D, DefaultCollate> {
  using type = BatchOf<D>;
};

template <Dataset D, class C>
class MapSource {
 public:
  using Batch = typename MapBatch<D, C>::type;

  // `skipped`: where samples are noted that cannot be had; null, if they are errors.
  MapSource(const D& dataset, const C& collate, const BatchSamplerBase& sampler, int64_t epoch,
            SkippedSamplesLog* skipped)
      : dataset_(dataset), collate_(collate), epoch_(epoch), skipped_(skipped) {
    sampler.sample(epoch, batches_);
  }

  int64_t count() const { return batches_.size(); }
  // Thread-safe.
  MadeBatch<Batch> make(int64_t number) const {
    const absl::Span<const int64_t> indices = batches_[number];
    if (skipped_ != nullptr) return {make_of_good(indices)};
    if constexpr (std::is_same_v<C, DefaultCollate>) {
      return {get_samples(dataset_, indices, epoch_)};
    } else {
      std::vector<SampleOf<D>> samples;
      samples.reserve(indices.size());
      for (int64_t index : indices) samples.push_back(get_sample(dataset_, index, epoch_));
      return {collate_(std::move(samples))};
    }
  }

 private:
  std::optional<Batch> make_of_good(absl::Span<const int64_t> indices) const {
    std::string message;
    if constexpr (std::is_same_v<C, DefaultCollate> && BatchedDataset<D>) {
      const auto fetch = [&](absl::Span<const int64_t> wanted) {
        return unwrap(get_batch_in_epoch(dataset_, wanted, epoch_));
      };
      std::optional<Batch> batch = try_get([&] { return fetch(indices); }, message);
      if (batch) return batch;
      std::vector<int64_t> good;
      for (int64_t index : indices) {
        if (try_one(index)) good.push_back(index);
      }
      if (good.empty()) return std::nullopt;
      // All that is left can be had: an error now is not a sample's.
      return get_samples(dataset_, absl::MakeConstSpan(good), epoch_);
    } else {
      std::vector<SampleOf<D>> samples;
      samples.reserve(indices.size());
      for (int64_t index : indices) {
        std::optional<SampleOf<D>> sample = try_one(index);
        if (sample) samples.push_back(*std::move(sample));
      }
      if (samples.empty()) return std::nullopt;
      if constexpr (std::is_same_v<C, DefaultCollate>) {
        return Collate<SampleOf<D>>::apply(std::move(samples));
      } else {
        return collate_(std::move(samples));
      }
    }
  }

  // The sample, or none and a note.
  std::optional<SampleOf<D>> try_one(int64_t index) const {
    std::string message;
    std::optional<SampleOf<D>> sample =
        try_get([&] { return get_sample(dataset_, index, epoch_); }, message);
    if (!sample) skipped_->add(std::move(message));
    return sample;
  }

  const D& dataset_;
  const C& collate_;
  const int64_t epoch_;
  SkippedSamplesLog* const skipped_;
  BatchList batches_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_MAP_SOURCE_H_
