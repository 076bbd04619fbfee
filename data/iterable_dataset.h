// SPDX-License-Identifier: Apache-2.0
//
// What an iterable dataset is: any class that gives its samples one after the other, for what can
// not be asked for by index: logs, sockets, records without an index.
//
//   struct Lines {
//     struct Stream {
//       std::ifstream file;
//       data::Shard shard;
//       int64_t line = 0;
//       absl::StatusOr<std::optional<std::string>> next();    // none after the last
//     };
//     Stream stream(int64_t epoch, data::Shard shard) const;
//   };
//   data::DataLoader loader(Lines{"log.txt"}, {.batch_size = 32, .num_workers = 4, .shards = 4});
//
// `next` may return an optional sample or an absl::StatusOr of one.
//
// Shards. A loader opens options.shards streams of an epoch, 1 by default, and each must give a
// part of the samples: all that `shard` holds and no other, or samples come several times. Batches
// are taken from the shards in turn, each from one shard; a shard that has ended is passed over. So
// the batches depend on the number of shards but not on the number of workers, and as many workers
// can read at once as there are shards.
#ifndef TESSERA_DATA_ITERABLE_DATASET_H_
#define TESSERA_DATA_ITERABLE_DATASET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "tessera/data/dataset.h"
#include "tessera/data/sample_error.h"

namespace tessera::data {

// A part of a dataset: number `index` of `count`.
struct Shard {
  int64_t index = 0;
  int64_t count = 1;
  // The plainest way to share samples, files or blocks out: by their number.
  bool holds(int64_t number) const { return number % count == index; }
};

template <class D>
concept IterableDataset = requires(const D& dataset, int64_t epoch, Shard shard) {
  dataset.stream(epoch, shard).next();
};

template <IterableDataset D>
using StreamOf = std::remove_cvref_t<decltype(std::declval<const D&>().stream(int64_t{}, Shard{}))>;

template <class T>
struct WithoutOptional;
template <class T>
struct WithoutOptional<std::optional<T>> {
  using type = T;
};
template <IterableDataset D>
using StreamedSampleOf = typename WithoutOptional<typename WithoutStatus<
    std::remove_cvref_t<decltype(std::declval<StreamOf<D>&>().next())>>::type>::type;

// The samples of one iterable dataset, then those of the next, and so on.
template <IterableDataset D>
class ChainDataset {
 public:
  explicit ChainDataset(std::vector<D> datasets) : datasets_(std::move(datasets)) {}

  class Stream {
   public:
    Stream(std::vector<D> datasets, int64_t epoch, Shard shard)
        : datasets_(std::move(datasets)), epoch_(epoch), shard_(shard) {}
    auto next() -> decltype(std::declval<StreamOf<D>&>().next()) {
      for (; at_ < datasets_.size(); ++at_, stream_.reset()) {
        if (!stream_) stream_.emplace(datasets_[at_].stream(epoch_, shard_));
        auto sample = stream_->next();
        if (is_sample_or_error(sample)) return sample;
      }
      return std::nullopt;
    }

   private:
    template <class T>
    static bool is_sample_or_error(const std::optional<T>& sample) {
      return sample.has_value();
    }
    template <class T>
    static bool is_sample_or_error(const absl::StatusOr<std::optional<T>>& sample) {
      return !sample.ok() || sample->has_value();
    }
    std::vector<D> datasets_;
    int64_t epoch_;
    Shard shard_;
    size_t at_ = 0;
    std::optional<StreamOf<D>> stream_;
  };

  Stream stream(int64_t epoch, Shard shard) const { return Stream(datasets_, epoch, shard); }
  const std::vector<D>& datasets() const { return datasets_; }

 private:
  std::vector<D> datasets_;
};

// An iterable dataset whose samples go through a function, in the loader's workers.
template <IterableDataset D, class F>
class MapIterableDataset {
 public:
  MapIterableDataset(D dataset, F function)
      : dataset_(std::move(dataset)), function_(std::move(function)) {}

  class Stream {
   public:
    Stream(StreamOf<D> stream, F function)
        : stream_(std::move(stream)), function_(std::move(function)) {}
    auto next() {
      auto sample = unwrap(stream_.next());
      using Result = std::optional<std::remove_cvref_t<decltype(function_(*std::move(sample)))>>;
      if (!sample) return Result();
      return Result(function_(*std::move(sample)));
    }

   private:
    StreamOf<D> stream_;
    F function_;
  };

  Stream stream(int64_t epoch, Shard shard) const {
    return Stream(dataset_.stream(epoch, shard), function_);
  }

 private:
  D dataset_;
  F function_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_ITERABLE_DATASET_H_
