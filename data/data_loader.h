// SPDX-License-Identifier: Apache-2.0
//
// DataLoader: the batches of a dataset, epoch after epoch.
//
//   data::DataLoader loader(train, {.batch_size = 64, .shuffle = true, .num_workers = 2});
//   for (int epoch = 0; epoch < 3; ++epoch) {
//     for (auto& [x, y] : loader) { ... }
//   }
//
// The order of the samples depends on (seed, epoch) only, never on the number of workers. What a
// sample's `get` returns as a status or throws comes out of the loop as tessera::Error, in the
// place of its batch, with the sample's index; or, with .on_error = kSkip, is counted.
//
// A function that puts samples together in another way than collate.h comes last:
//
//   data::DataLoader loader(sentences, {.batch_size = 8}, data::PadCollate{});
#ifndef TESSERA_DATA_DATA_LOADER_H_
#define TESSERA_DATA_DATA_LOADER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/collate.h"
#include "tessera/data/data_loader_options.h"
#include "tessera/data/dataset.h"
#include "tessera/data/iterable_dataset.h"
#include "tessera/data/iterable_source.h"
#include "tessera/data/map_source.h"
#include "tessera/data/ordered_workers.h"

namespace tessera::data {

template <class D, class C>
struct SourceOf {
  using type = IterableSource<D, C>;
};
template <Dataset D, class C>
struct SourceOf<D, C> {
  using type = MapSource<D, C>;
};

// `C` takes a std::vector of samples and returns a batch. It is called by several threads at once
// if there are workers.
template <class D, class C = DefaultCollate>
requires(Dataset<D> || IterableDataset<D>) class DataLoader {
 public:
  using Source = typename SourceOf<D, C>::type;
  using Batch = typename Source::Batch;
  class Iterator;

  //   errors: kInvalidArgument, thrown, with the option that is out of range
  explicit DataLoader(D dataset, DataLoaderOptions options = {}, C collate = {})
      : dataset_(std::move(dataset)), options_(std::move(options)), collate_(std::move(collate)) {
    if constexpr (Dataset<D>) {
      batch_sampler_ = make_batch_sampler(dataset_.size(), options_);
    } else {
      check_iterable_options(options_);
    }
  }
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;

  // Batches in an epoch.
  int64_t size() const requires Dataset<D> { return batch_sampler_->size(); }
  const D& dataset() const { return dataset_; }
  const DataLoaderOptions& options() const { return options_; }

  // The epoch that the next loop visits. It advances when a loop has run to its end; a loop that
  // was left early is visited again.
  int64_t epoch() const { return epoch_; }
  void set_epoch(int64_t epoch) {
    epoch_ = epoch;
    position_ = resume_at_ = 0;
  }

  // Where the loop that is under way, or the one that was left last, stands: behind the batch that
  // it was given last. To be asked by the loop's thread.
  DataLoaderState state_dict() const { return {epoch_, position_, batches_per_epoch()}; }
  // The next loop gives the rest of that epoch, the batches that would have come.
  //   errors: kInvalidArgument for the state of a loader with another number of batches
  // An iterable dataset is read from its beginning to get there.
  absl::Status load_state_dict(const DataLoaderState& state) {
    const int64_t batches = batches_per_epoch();
    if (state.batches_per_epoch != batches || state.epoch < 0 || state.next_batch < 0 ||
        (batches >= 0 && state.next_batch > batches)) {
      return absl::InvalidArgumentError(
          absl::StrCat("DataLoader: a state at batch ", state.next_batch, " of ",
                       state.batches_per_epoch, " in epoch ", state.epoch,
                       " is not one of this loader, which has ", batches, " batches in an epoch"));
    }
    epoch_ = state.epoch;
    position_ = resume_at_ = state.next_batch;
    return absl::OkStatus();
  }

  // With .on_error = kSkip, what the loop that is under way, or the last one, went on without. With
  // workers that includes what is wrong in batches that are still to come.
  SkippedSamples skipped() const { return skipped_.read(); }

  // Starts an epoch, and its workers. They end with the iterator, also when the loop is left early;
  // with .persistent_workers, with the loader.
  // The loader must outlive the iterator, which is good for one pass.
  //   errors: kFailedPrecondition, thrown, if persistent workers are in another loop
  Iterator begin() {
    if (workers_are_busy_) {
      raise(
          absl::FailedPreconditionError("DataLoader: its persistent workers are in another loop"));
    }
    return Iterator(this);
  }
  std::default_sentinel_t end() const { return std::default_sentinel; }

 private:
  class Pass;

  int64_t batches_per_epoch() const {
    if constexpr (Dataset<D>) return size();
    return -1;
  }
  Source make_source(int64_t first) {
    SkippedSamplesLog* skipped =
        options_.on_error == SampleErrorPolicy::kSkip ? &skipped_ : nullptr;
    if constexpr (Dataset<D>) {
      return Source(dataset_, collate_, *batch_sampler_, epoch_, skipped);
    } else {
      return Source(dataset_, collate_, options_, epoch_, first, skipped);
    }
  }

  D dataset_;
  DataLoaderOptions options_;
  C collate_;
  std::shared_ptr<const BatchSamplerBase> batch_sampler_;  // null for an iterable dataset
  SkippedSamplesLog skipped_;
  int64_t epoch_ = 0;
  int64_t position_ = 0;   // in the epoch
  int64_t resume_at_ = 0;  // where the next loop begins
  bool workers_are_busy_ = false;
  std::optional<OrderedWorkers> workers_;  // if they are persistent, once a loop has begun
};

// One epoch under way.
template <class D, class C>
requires(Dataset<D> || IterableDataset<D>) class DataLoader<D, C>::Pass {
 public:
  explicit Pass(DataLoader* loader)
      : loader_(loader),
        first_(std::exchange(loader->resume_at_, 0)),
        source_(loader->make_source(first_)),
        count_(source_.count()),
        next_(first_) {
    loader->skipped_.clear();
    loader->position_ = first_;
    const DataLoaderOptions& options = loader->options_;
    open_shards_ = options.shards;
    const int64_t left = count_ - first_;
    if (options.num_workers == 0 || left <= 0) return;
    const int64_t slots = std::min<int64_t>(int64_t{options.num_workers} * options.prefetch, left);
    ahead_.resize(static_cast<size_t>(slots));
    workers_ = workers_for(static_cast<int>(slots));
    workers_->start(static_cast<int>(slots), left, [this](int64_t number, int slot) {
      ahead_[static_cast<size_t>(slot)] = source_.make(first_ + number);
    });
  }
  ~Pass() {
    if (workers_ == nullptr) return;
    workers_->finish();
    if (!own_workers_) loader_->workers_are_busy_ = false;
  }
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  // Makes the next batch the current one. False after the last.
  bool advance() {
    current_.reset();
    while (next_ < count_ && open_shards_ > 0) {
      const bool ends_shard = take();
      loader_->position_ = ++next_;
      if (ends_shard) --open_shards_;
      if (!current_) continue;
      if (loader_->options_.device) move_batch(*current_, *loader_->options_.device);
      return true;
    }
    loader_->epoch_ += 1;
    loader_->position_ = 0;
    return false;
  }

  Batch& current() { return *current_; }

 private:
  OrderedWorkers* workers_for(int slots) {
    const DataLoaderOptions& options = loader_->options_;
    if (!options.persistent_workers) {
      return &own_workers_.emplace(std::min(options.num_workers, slots));
    }
    loader_->workers_are_busy_ = true;
    if (!loader_->workers_) loader_->workers_.emplace(options.num_workers);
    return &*loader_->workers_;
  }
  bool take() {
    if (workers_ == nullptr) {
      MadeBatch<Batch> made = source_.make(next_);
      current_ = std::move(made.batch);
      return made.ends_shard;
    }
    MadeBatch<Batch>& made = ahead_[static_cast<size_t>(workers_->wait())];
    current_ = std::move(made.batch);
    const bool ends_shard = made.ends_shard;
    made = {};
    workers_->release();
    return ends_shard;
  }

  DataLoader* loader_;
  const int64_t first_;
  Source source_;
  const int64_t count_;
  int64_t next_;
  int64_t open_shards_;
  std::vector<MadeBatch<Batch>> ahead_;
  std::optional<Batch> current_;
  std::optional<OrderedWorkers> own_workers_;  // unless they are persistent
  OrderedWorkers* workers_ = nullptr;          // those that make batches; null: this thread does
};

template <class D, class C>
requires(Dataset<D> || IterableDataset<D>) class DataLoader<D, C>::Iterator {
 public:
  using value_type = Batch;
  using reference = Batch&;
  using difference_type = ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  Iterator(Iterator&&) noexcept = default;
  Iterator& operator=(Iterator&&) noexcept = default;

  // The batch is the loop's: it may be changed and moved from.
  Batch& operator*() const { return pass_->current(); }
  Batch* operator->() const { return &pass_->current(); }
  Iterator& operator++() {
    if (!pass_->advance()) pass_.reset();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const Iterator& iterator, std::default_sentinel_t) {
    return iterator.pass_ == nullptr;
  }

 private:
  friend class DataLoader;
  explicit Iterator(DataLoader* loader) : pass_(std::make_unique<Pass>(loader)) { ++*this; }
  std::unique_ptr<Pass> pass_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_DATA_LOADER_H_
