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
// place of its batch, with the sample's index.
#ifndef TESSERA_DATA_DATA_LOADER_H_
#define TESSERA_DATA_DATA_LOADER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/data/collate.h"
#include "tessera/data/dataset.h"
#include "tessera/data/ordered_workers.h"
#include "tessera/data/sampler.h"

namespace tessera::data {

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;    // a new order each epoch
  bool drop_last = false;  // leave out a last batch that is not full
  int num_workers = 0;     // threads that make batches ahead; 0: the loop's own thread makes them
  int prefetch = 2;        // batches that each worker may be ahead
  uint64_t seed = 0;       // of the order
  // In place of shuffle and seed.
  std::shared_ptr<const Sampler> sampler = nullptr;
  // Where the batches are wanted: the loop's thread moves them there. Default: where the dataset
  // makes them.
  std::optional<Device> device = std::nullopt;
};

// The sampler that the options ask for.
//   errors: kInvalidArgument, thrown, with the option that is out of range
std::shared_ptr<const Sampler> make_sampler(int64_t dataset_size, const DataLoaderOptions& options);

template <Dataset D>
class DataLoader {
 public:
  using Batch = BatchOf<D>;
  class Iterator;

  //   errors: kInvalidArgument, thrown, with the option that is out of range
  explicit DataLoader(D dataset, DataLoaderOptions options = {})
      : dataset_(std::move(dataset)),
        options_(std::move(options)),
        sampler_(make_sampler(dataset_.size(), options_)) {}
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;

  // Batches in an epoch.
  int64_t size() const {
    const int64_t n = sampler_->size(), b = options_.batch_size;
    return options_.drop_last ? n / b : n / b + (n % b != 0);
  }
  const D& dataset() const { return dataset_; }
  const DataLoaderOptions& options() const { return options_; }

  // The epoch that the next loop visits. It advances when a loop has run to its end; a loop that
  // was left early is visited again.
  int64_t epoch() const { return epoch_; }
  void set_epoch(int64_t epoch) { epoch_ = epoch; }

  // Starts an epoch, and its workers. They end with the iterator, also when the loop is left early.
  // The loader must outlive the iterator, which is good for one pass.
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return std::default_sentinel; }

 private:
  class Pass;

  D dataset_;
  DataLoaderOptions options_;
  std::shared_ptr<const Sampler> sampler_;
  int64_t epoch_ = 0;
};

// One epoch under way.
template <Dataset D>
class DataLoader<D>::Pass {
 public:
  explicit Pass(DataLoader* loader) : loader_(loader), count_(loader->size()) {
    order_.resize(static_cast<size_t>(loader->sampler_->size()));
    loader->sampler_->sample(loader->epoch_, absl::MakeSpan(order_));
    const DataLoaderOptions& options = loader->options_;
    if (options.num_workers > 0 && count_ > 0) {
      const int64_t slots =
          std::min<int64_t>(int64_t{options.num_workers} * options.prefetch, count_);
      const int threads = static_cast<int>(std::min<int64_t>(options.num_workers, slots));
      ahead_.resize(static_cast<size_t>(slots));
      workers_.emplace(threads, static_cast<int>(slots), count_, [this](int64_t number, int slot) {
        ahead_[static_cast<size_t>(slot)].emplace(make(number));
      });
    }
  }

  // Makes the next batch the current one. False after the last.
  bool advance() {
    current_.reset();
    if (next_ == count_) {
      loader_->epoch_ += 1;
      return false;
    }
    if (workers_) {
      std::optional<Batch>& slot = ahead_[static_cast<size_t>(workers_->wait())];
      current_.emplace(*std::move(slot));
      slot.reset();
      workers_->release();
    } else {
      current_.emplace(make(next_));
    }
    ++next_;
    if (loader_->options_.device) move_batch(*current_, *loader_->options_.device);
    return true;
  }

  Batch& current() { return *current_; }

 private:
  Batch make(int64_t number) const {
    const int64_t batch_size = loader_->options_.batch_size;
    const absl::Span<const int64_t> indices = absl::MakeConstSpan(order_).subspan(
        static_cast<size_t>(number * batch_size), static_cast<size_t>(batch_size));
    return get_samples(loader_->dataset_, indices);
  }

  DataLoader* loader_;
  const int64_t count_;
  int64_t next_ = 0;
  std::vector<int64_t> order_;
  std::vector<std::optional<Batch>> ahead_;
  std::optional<Batch> current_;
  std::optional<OrderedWorkers> workers_;  // last: joined before what the workers use goes
};

template <Dataset D>
class DataLoader<D>::Iterator {
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
