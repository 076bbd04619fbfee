// SPDX-License-Identifier: Apache-2.0
//
// IterableSource: the batches of one epoch of an iterable dataset. For data_loader.h.
#ifndef TESSERA_DATA_ITERABLE_SOURCE_H_
#define TESSERA_DATA_ITERABLE_SOURCE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/collate.h"
#include "tessera/data/data_loader_options.h"
#include "tessera/data/iterable_dataset.h"
#include "tessera/data/map_source.h"
#include "tessera/data/sample_error.h"

namespace tessera::data {

template <IterableDataset D, class C>
struct IterableBatch {
  using type =
      std::remove_cvref_t<std::invoke_result_t<const C&, std::vector<StreamedSampleOf<D>>>>;
};
template <IterableDataset D>
struct IterableBatch<D, DefaultCollate> {
  using type = typename Collate<StreamedSampleOf<D>>::type;
};

// Number k comes from shard k % shards, of whose batches it is number k / shards.
template <IterableDataset D, class C>
class IterableSource {
 public:
  using Sample = StreamedSampleOf<D>;
  using Batch = typename IterableBatch<D, C>::type;

  // Batches below `first` will not be asked for: their samples are read and dropped.
  IterableSource(const D& dataset, const C& collate, const DataLoaderOptions& options,
                 int64_t epoch, int64_t first, SkippedSamplesLog* skipped)
      : dataset_(dataset),
        collate_(collate),
        batch_size_(options.batch_size),
        drop_last_(options.drop_last),
        epoch_(epoch),
        skipped_(skipped) {
    for (int64_t s = 0; s < options.shards; ++s) {
      auto part = std::make_unique<Part>();
      part->shard = {s, options.shards};
      part->first_turn = first <= s ? 0 : (first - s - 1) / options.shards + 1;
      part->turn = part->first_turn;
      parts_.push_back(std::move(part));
    }
  }

  int64_t count() const { return std::numeric_limits<int64_t>::max(); }

  // Thread-safe. The numbers before this one have been asked for, by any threads.
  MadeBatch<Batch> make(int64_t number) {
    const int64_t shards = static_cast<int64_t>(parts_.size());
    Part& part = *parts_[static_cast<size_t>(number % shards)];
    std::vector<Sample> samples;
    MadeBatch<Batch> made;
    {
      const TurnOf turn(part, number / shards);
      read(part, samples);
      made.ends_shard = part.ended && !std::exchange(part.end_is_told, true);
    }
    const bool is_full = static_cast<int64_t>(samples.size()) == batch_size_;
    if (samples.empty() || (drop_last_ && !is_full)) return made;
    if constexpr (std::is_same_v<C, DefaultCollate>) {
      made.batch.emplace(Collate<Sample>::apply(std::move(samples)));
    } else {
      made.batch.emplace(collate_(std::move(samples)));
    }
    return made;
  }

 private:
  // A shard under way. Whoever has the turn has it alone.
  struct Part {
    Shard shard;
    int64_t first_turn = 0;
    std::optional<StreamOf<D>> stream;
    bool ended = false;
    bool end_is_told = false;
    int64_t samples_read = 0;

    absl::Mutex mutex;
    int64_t turn ABSL_GUARDED_BY(mutex) = 0;
  };

  // Waits for the turn and gives it on.
  class TurnOf {
   public:
    TurnOf(Part& part, int64_t turn) : part_(part), turn_(turn) {
      absl::MutexLock lock(&part_.mutex, absl::Condition(this, &TurnOf::has_come));
    }
    ~TurnOf() {
      absl::MutexLock lock(&part_.mutex);
      ++part_.turn;
    }
    TurnOf(const TurnOf&) = delete;
    TurnOf& operator=(const TurnOf&) = delete;

   private:
    bool has_come() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(part_.mutex) { return part_.turn == turn_; }
    Part& part_;
    const int64_t turn_;
  };

  void read(Part& part, std::vector<Sample>& samples) {
    if (!part.stream) {
      part.stream.emplace(dataset_.stream(epoch_, part.shard));
      for (int64_t left = part.first_turn * batch_size_; left > 0 && !part.ended; --left) {
        (void)next(part);
      }
    }
    samples.reserve(static_cast<size_t>(std::min<int64_t>(batch_size_, 1 << 16)));
    while (!part.ended && static_cast<int64_t>(samples.size()) < batch_size_) {
      std::optional<Sample> sample = next(part);
      if (sample) samples.push_back(*std::move(sample));
    }
  }

  // None: the stream has ended.
  std::optional<Sample> next(Part& part) {
    // A stream that fails for ever shall not keep the loop for ever.
    constexpr int kMostInARow = 10000;
    for (int failures = 0;; ++failures) {
      const int64_t number = part.samples_read++;
      const auto get = [&] {
        return with_sample_index(number, [&] { return unwrap(part.stream->next()); });
      };
      std::optional<std::optional<Sample>> sample;
      std::string message;
      if (skipped_ == nullptr || failures == kMostInARow) {
        sample.emplace(get());
      } else {
        sample = try_get(get, message);
      }
      if (sample) {
        part.ended = !sample->has_value();
        return *std::move(sample);
      }
      skipped_->add(std::move(message));
    }
  }

  const D& dataset_;
  const C& collate_;
  const int64_t batch_size_;
  const bool drop_last_;
  const int64_t epoch_;
  SkippedSamplesLog* const skipped_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_ITERABLE_SOURCE_H_
