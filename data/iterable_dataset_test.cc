// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/iterable_dataset.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"

namespace tessera::data {
namespace {

struct Item {
  int64_t value;
  friend bool operator==(const Item& a, const Item& b) { return a.value == b.value; }
};
using Batch = std::vector<int64_t>;
using Batches = std::vector<Batch>;

// begin, ..., end - 1, with the epoch in the thousands; those in `bad` are errors.
struct Count {
  int64_t begin, end;
  std::vector<int64_t> bad = {};

  struct Stream {
    int64_t at, end;
    std::vector<int64_t> bad;
    int64_t epoch;
    Shard shard;
    absl::StatusOr<std::optional<Item>> next() {
      while (at < end && !shard.holds(at)) ++at;
      if (at >= end) return std::nullopt;
      const int64_t value = at++;
      if (std::find(bad.begin(), bad.end(), value) != bad.end()) {
        return absl::DataLossError("bad record " + std::to_string(value));
      }
      return Item{value + 1000 * epoch};
    }
  };
  Stream stream(int64_t epoch, Shard shard) const { return {begin, end, bad, epoch, shard}; }
};

template <class Loader>
Batches epoch_of(Loader& loader) {
  Batches batches;
  for (std::vector<Item>& items : loader) {
    Batch& batch = batches.emplace_back();
    for (const Item& item : items) batch.push_back(item.value);
  }
  return batches;
}

// The definition: a list of batches for each shard, taken in turn.
Batches model(int64_t size, int64_t batch_size, bool drop_last, int64_t shards, int64_t epoch) {
  std::vector<Batches> parts(static_cast<size_t>(shards));
  for (int64_t s = 0; s < shards; ++s) {
    for (int64_t i = s; i < size; i += shards) {
      if (parts[s].empty() || static_cast<int64_t>(parts[s].back().size()) == batch_size) {
        parts[s].emplace_back();
      }
      parts[s].back().push_back(i + 1000 * epoch);
    }
    if (drop_last && !parts[s].empty() &&
        static_cast<int64_t>(parts[s].back().size()) < batch_size) {
      parts[s].pop_back();
    }
  }
  Batches all;
  for (size_t turn = 0; turn < 100; ++turn) {
    for (const Batches& part : parts) {
      if (turn < part.size()) all.push_back(part[turn]);
    }
  }
  return all;
}

TEST(IterableDataset, BatchesDependOnTheShardsButNotOnTheWorkers) {
  for (int64_t size : {0, 1, 6, 7, 23}) {
    for (int64_t batch_size : {1, 3, 8}) {
      for (bool drop_last : {false, true}) {
        for (int64_t shards : {1, 2, 5}) {
          for (auto [workers, persistent] :
               {std::pair(0, false), {1, false}, {3, false}, {1, true}, {3, true}}) {
            DataLoader loader(Count{0, size}, {.batch_size = batch_size,
                                               .drop_last = drop_last,
                                               .num_workers = workers,
                                               .persistent_workers = persistent,
                                               .shards = shards});
            for (int64_t epoch = 0; epoch < 2; ++epoch) {
              ASSERT_EQ(epoch_of(loader), model(size, batch_size, drop_last, shards, epoch))
                  << size << " " << batch_size << " " << drop_last << " " << shards << " "
                  << workers;
            }
          }
        }
      }
    }
  }
}

// Shard s has 10 s items.
TEST(IterableDataset, ShardsOfVeryDifferentLengths) {
  struct Uneven {
    struct Stream {
      int64_t at, end;
      absl::StatusOr<std::optional<Item>> next() {
        if (at == end) return std::nullopt;
        return Item{at++};
      }
    };
    Stream stream(int64_t, Shard shard) const { return {0, 10 * shard.index}; }
  };
  for (int workers : {0, 2}) {
    DataLoader loader(Uneven{}, {.num_workers = workers, .shards = 4});
    EXPECT_EQ(epoch_of(loader).size(), 60);
  }
}

TEST(IterableDataset, GoesOnInTheMiddleOfAnEpoch) {
  for (int64_t shards : {1, 3}) {
    const Batches whole = model(23, 3, false, shards, 1);
    for (size_t stop = 1; stop <= whole.size(); ++stop) {
      DataLoader first(Count{0, 23}, {.batch_size = 3, .num_workers = 2, .shards = shards});
      first.set_epoch(1);
      size_t taken = 0;
      for (auto& batch : first) {
        (void)batch;
        if (++taken == stop) break;
      }
      DataLoader resumed(Count{0, 23}, {.batch_size = 3, .shards = shards});
      ASSERT_TRUE(resumed.load_state_dict(first.state_dict()).ok());
      EXPECT_EQ(epoch_of(resumed),
                Batches(whole.begin() + static_cast<ptrdiff_t>(stop), whole.end()));
      EXPECT_EQ(resumed.epoch(), 2);
    }
  }
}

TEST(IterableDataset, ErrorsComeOutOrAreCounted) {
  for (int workers : {0, 2}) {
    DataLoader strict(Count{0, 9, {4}}, {.batch_size = 2, .num_workers = workers});
    int64_t batches = 0;
    try {
      for (auto& batch : strict) {
        (void)batch;
        ++batches;
      }
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "sample 4: bad record 4");
      EXPECT_EQ(error.code(), absl::StatusCode::kDataLoss);
    }
    EXPECT_EQ(batches, 2);

    DataLoader skips(
        Count{0, 9, {0, 4, 8}},
        {.batch_size = 2, .num_workers = workers, .on_error = SampleErrorPolicy::kSkip});
    EXPECT_EQ(epoch_of(skips), (Batches{{1, 2}, {3, 5}, {6, 7}}));
    EXPECT_EQ(skips.skipped().count, 3);
    EXPECT_EQ(skips.skipped().messages[0], "sample 0: bad record 0");
  }
}

TEST(IterableDataset, AStreamThatFailsForEverEndsTheLoop) {
  struct Broken {
    struct Stream {
      absl::StatusOr<std::optional<Item>> next() { return absl::UnavailableError("no network"); }
    };
    Stream stream(int64_t, Shard) const { return {}; }
  };
  DataLoader loader(Broken{}, {.on_error = SampleErrorPolicy::kSkip});
  EXPECT_THROW(epoch_of(loader), Error);
}

TEST(ChainDataset, OneAfterTheOther) {
  const ChainDataset chain(std::vector<Count>{{0, 3}, {5, 5}, {10, 12}});
  DataLoader loader(chain, {.batch_size = 2});
  EXPECT_EQ(epoch_of(loader), (Batches{{0, 1}, {2, 10}, {11}}));
  EXPECT_EQ(epoch_of(loader), (Batches{{1000, 1001}, {1002, 1010}, {1011}}));
  DataLoader shared(chain, {.batch_size = 9, .shards = 2});
  EXPECT_EQ(epoch_of(shared), (Batches{{0, 2, 10}, {1, 11}}));
  DataLoader bad(ChainDataset(std::vector<Count>{{0, 3, {1}}}), {.batch_size = 2});
  EXPECT_THROW(epoch_of(bad), Error);
}

TEST(MapIterableDataset, SamplesGoThroughAFunction) {
  DataLoader loader(MapIterableDataset(Count{0, 3}, [](Item item) { return Item{item.value * 2}; }),
                    {.batch_size = 2, .num_workers = 1});
  EXPECT_EQ(epoch_of(loader), (Batches{{0, 2}, {4}}));
}

TEST(IterableDataset, OptionsOfSamplersAreRefused) {
  try {
    DataLoader loader(Count{0, 3}, {.shuffle = true});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "DataLoader: an iterable dataset and any of shuffle, sampler and batch_sampler "
                 "exclude each other");
  }
}

}  // namespace
}  // namespace tessera::data
