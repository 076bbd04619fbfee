// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/data_loader.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/subset.h"

namespace tessera::data {
namespace {

// A batch that owns nothing, so that what the loader itself does can be seen.
struct Indices {
  int64_t count = 0;
  int64_t values[8] = {};
};

struct Numbers {
  int64_t count;
  int64_t size() const { return count; }
  int64_t get(int64_t index) const { return index; }
  Indices get_batch(absl::Span<const int64_t> indices) const {
    Indices batch;
    for (int64_t index : indices) batch.values[batch.count++] = index;
    return batch;
  }
};

std::vector<std::vector<int64_t>> one_epoch(DataLoader<Numbers>& loader) {
  std::vector<std::vector<int64_t>> batches;
  for (Indices& batch : loader) batches.emplace_back(batch.values, batch.values + batch.count);
  return batches;
}

TEST(DataLoader, GivesAllSamplesInOrderWithAShortLastBatch) {
  DataLoader loader(Numbers{7}, {.batch_size = 3});
  EXPECT_EQ(loader.size(), 3);
  EXPECT_EQ(one_epoch(loader), (std::vector<std::vector<int64_t>>{{0, 1, 2}, {3, 4, 5}, {6}}));
}

TEST(DataLoader, DropLastLeavesOutTheShortBatch) {
  DataLoader loader(Numbers{7}, {.batch_size = 3, .drop_last = true});
  EXPECT_EQ(loader.size(), 2);
  EXPECT_EQ(one_epoch(loader), (std::vector<std::vector<int64_t>>{{0, 1, 2}, {3, 4, 5}}));
}

// Against the plain way to say it: the sampler's order, cut into pieces.
TEST(DataLoader, BatchesAreTheSamplersOrderCutIntoPieces) {
  for (int64_t size : {0, 1, 2, 5, 16, 17}) {
    for (int64_t batch_size : {1, 2, 5, 8}) {
      for (bool drop_last : {false, true}) {
        for (bool shuffle : {false, true}) {
          for (auto [workers, persistent] :
               {std::pair(0, false), {1, false}, {3, false}, {1, true}, {3, true}}) {
            DataLoader loader(Numbers{size}, {.batch_size = batch_size,
                                              .shuffle = shuffle,
                                              .drop_last = drop_last,
                                              .num_workers = workers,
                                              .prefetch = 2,
                                              .persistent_workers = persistent,
                                              .seed = 11});
            for (int64_t epoch = 0; epoch < 2; ++epoch) {
              std::vector<int64_t> order = range(size);
              if (shuffle) RandomSampler(size, 11).sample(epoch, absl::MakeSpan(order));
              std::vector<std::vector<int64_t>> expected;
              for (int64_t i = 0; i < size; ++i) {
                if (i % batch_size == 0) expected.emplace_back();
                expected.back().push_back(order[static_cast<size_t>(i)]);
              }
              if (drop_last && size % batch_size != 0) expected.pop_back();
              ASSERT_EQ(loader.epoch(), epoch);
              ASSERT_EQ(loader.size(), static_cast<int64_t>(expected.size()));
              ASSERT_EQ(one_epoch(loader), expected)
                  << "size " << size << " batch " << batch_size << " workers " << workers;
            }
          }
        }
      }
    }
  }
}

TEST(DataLoader, OrderDoesNotDependOnTheNumberOfWorkers) {
  std::vector<std::vector<int64_t>> first;
  for (int workers : {0, 1, 2, 4}) {
    DataLoader loader(Numbers{101}, {.batch_size = 8, .shuffle = true, .num_workers = workers});
    one_epoch(loader);
    std::vector<std::vector<int64_t>> second_epoch = one_epoch(loader);
    if (workers == 0) first = second_epoch;
    EXPECT_EQ(second_epoch, first) << workers;
  }
}

TEST(DataLoader, AnEpochThatWasLeftEarlyIsVisitedAgain) {
  for (int workers : {0, 2}) {
    DataLoader loader(Numbers{64}, {.batch_size = 4, .shuffle = true, .num_workers = workers});
    int64_t peeked = -1;
    for (Indices& batch : loader) {
      peeked = batch.values[0];
      break;
    }
    EXPECT_EQ(loader.epoch(), 0);
    EXPECT_EQ(one_epoch(loader)[0][0], peeked);
    EXPECT_EQ(loader.epoch(), 1);
    loader.set_epoch(0);
    EXPECT_EQ(one_epoch(loader)[0][0], peeked);
  }
}

TEST(DataLoader, ASamplerOfOnesOwnDecidesTheOrder) {
  struct Backwards final : Sampler {
    int64_t size() const override { return 3; }
    void sample(int64_t epoch, absl::Span<int64_t> indices) const override {
      for (int64_t i = 0; i < 3; ++i) indices[static_cast<size_t>(i)] = 9 - epoch - i;
    }
  };
  DataLoader loader(Numbers{10}, {.batch_size = 2, .sampler = std::make_shared<Backwards>()});
  EXPECT_EQ(loader.size(), 2);
  EXPECT_EQ(one_epoch(loader), (std::vector<std::vector<int64_t>>{{9, 8}, {7}}));
  EXPECT_EQ(one_epoch(loader), (std::vector<std::vector<int64_t>>{{8, 7}, {6}}));
}

// The message of the error that an epoch ends with.
template <class Loader>
std::optional<Error> error_of_epoch(Loader& loader, int64_t* batches_before = nullptr) {
  int64_t batches = 0;
  std::optional<Error> found;
  try {
    for (auto& batch : loader) {
      (void)batch;
      ++batches;
    }
  } catch (const Error& error) {
    found = error;
  }
  if (batches_before != nullptr) *batches_before = batches;
  return found;
}

struct ThrowsAt17 {
  int64_t size() const { return 40; }
  int get(int64_t index) const {
    if (index == 17) throw std::runtime_error("the disk is on fire");
    return 1;
  }
  Indices get_batch(absl::Span<const int64_t> indices) const {
    for (int64_t index : indices) get(index);
    return {};
  }
};

struct StatusAt17 {
  int64_t size() const { return 40; }
  absl::StatusOr<Indices> get(int64_t index) const {
    if (index == 17) return absl::DataLossError("image.png: cut off");
    return Indices{};
  }
};

TEST(DataLoader, AnExceptionComesOutInItsBatchWithTheSamplesIndex) {
  for (int workers : {0, 1, 3}) {
    DataLoader loader(ThrowsAt17{}, {.batch_size = 4, .num_workers = workers});
    int64_t batches = 0;
    const std::optional<Error> error = error_of_epoch(loader, &batches);
    ASSERT_TRUE(error.has_value());
    EXPECT_STREQ(error->what(), "sample 17: the disk is on fire");
    EXPECT_EQ(error->code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(batches, 4);
  }
}

TEST(DataLoader, AStatusComesOutWithItsCodeAndTheSamplesIndex) {
  for (int workers : {0, 1, 3}) {
    DataLoader loader(StatusAt17{}, {.batch_size = 4, .num_workers = workers});
    int64_t batches = 0;
    const std::optional<Error> error = error_of_epoch(loader, &batches);
    ASSERT_TRUE(error.has_value());
    EXPECT_STREQ(error->what(), "sample 17: image.png: cut off");
    EXPECT_EQ(error->code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(batches, 4);
  }
}

TEST(DataLoader, TheOriginalExceptionIsNestedInTheError) {
  DataLoader loader(ThrowsAt17{}, {.batch_size = 40, .num_workers = 1});
  try {
    loader.begin();
    FAIL() << "no exception";
  } catch (const Error& error) {
    try {
      std::rethrow_if_nested(error);
      FAIL() << "nothing nested";
    } catch (const std::runtime_error& original) {
      EXPECT_STREQ(original.what(), "the disk is on fire");
    }
  }
}

TEST(DataLoader, ABatchThatFailsWithoutACulpritNamesItsSamples) {
  struct OnlyBatchesFail {
    int64_t size() const { return 12; }
    int get(int64_t) const { return 0; }
    absl::StatusOr<Indices> get_batch(absl::Span<const int64_t>) const {
      return absl::ResourceExhaustedError("no memory");
    }
  };
  DataLoader loader(OnlyBatchesFail{}, {.batch_size = 10});
  const std::optional<Error> error = error_of_epoch(loader);
  ASSERT_TRUE(error.has_value());
  EXPECT_STREQ(error->what(), "a batch of samples 0, 1, 2, 3, 4, 5, 6, 7 and 2 more: no memory");
  EXPECT_EQ(error->code(), absl::StatusCode::kResourceExhausted);
}

TEST(DataLoader, GoesOnAfterAnError) {
  auto healed = std::make_shared<std::atomic<bool>>(false);
  struct Healing {
    std::shared_ptr<std::atomic<bool>> healed;
    int64_t size() const { return 10; }
    absl::StatusOr<Indices> get(int64_t index) const {
      if (index == 5 && !*healed) return absl::UnavailableError("not yet");
      return Indices{};
    }
  };
  DataLoader loader(Healing{healed}, {.batch_size = 2, .num_workers = 2});
  EXPECT_TRUE(error_of_epoch(loader).has_value());
  *healed = true;
  EXPECT_FALSE(error_of_epoch(loader).has_value());
}

TEST(DataLoader, WorkersAreThreadsOfTheirOwnAndAreGoneAfterABreak) {
  struct Watched {
    std::shared_ptr<std::atomic<int>> inside;
    std::thread::id consumer;
    int64_t size() const { return 1000; }
    Indices get(int64_t) const {
      ++*inside;
      EXPECT_NE(std::this_thread::get_id(), consumer);
      --*inside;
      return {};
    }
  };
  auto inside = std::make_shared<std::atomic<int>>(0);
  DataLoader loader(Watched{inside, std::this_thread::get_id()},
                    {.batch_size = 4, .num_workers = 3});
  for (int round = 0; round < 20; ++round) {
    for (auto& batch : loader) {
      (void)batch;
      break;
    }
    EXPECT_EQ(inside->load(), 0);
  }
}

// Threads of this process.
int64_t count_threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}
// A thread that was joined may be listed a little longer.
bool threads_become(int64_t count) {
  for (int i = 0; i < 5000 && count_threads() != count; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return count_threads() == count;
}

// Indices, with a number for each thread that ever made one.
struct ByThread {
  std::shared_ptr<std::atomic<int>> threads = std::make_shared<std::atomic<int>>(0);
  int64_t size() const { return 50; }
  Indices get(int64_t index) const {
    thread_local const ByThread* seen = nullptr;
    if (std::exchange(seen, this) != this) ++*threads;
    if (index == 49) throw std::runtime_error("the last");
    return {};
  }
};

TEST(DataLoader, PersistentWorkersLiveFromTheFirstLoopToTheLoadersEnd) {
  const int64_t before = count_threads();
  {
    DataLoader loader(ByThread{}, {.num_workers = 3, .persistent_workers = true});
    EXPECT_EQ(count_threads(), before);
    for (int epoch = 0; epoch < 6; ++epoch) {
      int64_t batches = 0;
      try {
        for (auto& batch : loader) {
          (void)batch;
          if (++batches == 10 && epoch % 2 == 0) break;
        }
      } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "sample 49: the last");
        EXPECT_EQ(batches, 49);
      }
      EXPECT_EQ(count_threads(), before + 3);
    }
    EXPECT_LE(loader.dataset().threads->load(), 3);
  }
  EXPECT_TRUE(threads_become(before));

  DataLoader loader(ByThread{}, {.num_workers = 3});
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (auto& batch : loader) {
      (void)batch;
      break;
    }
    EXPECT_TRUE(threads_become(before)) << "each loop has its own";
  }
  EXPECT_GE(loader.dataset().threads->load(), 4);
}

TEST(DataLoader, PersistentWorkersAreInOneLoopAtATime) {
  DataLoader loader(Numbers{8}, {.num_workers = 2, .persistent_workers = true});
  for (Indices& batch : loader) {
    try {
      loader.begin();
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "DataLoader: its persistent workers are in another loop");
      EXPECT_EQ(error.code(), absl::StatusCode::kFailedPrecondition);
    }
    if (batch.values[0] == 3) break;
  }
  EXPECT_EQ(one_epoch(loader).size(), 8) << "the loop that was refused changed nothing";
}

TEST(DataLoader, OptionsOutOfRangeAreRefusedWithTheirValue) {
  const auto message = [](DataLoaderOptions options) -> std::string {
    try {
      DataLoader loader(Numbers{3}, options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message({.batch_size = 0}), "DataLoader: batch_size is 0, it must be at least 1");
  EXPECT_EQ(message({.num_workers = -1}), "DataLoader: num_workers is -1, it must be at least 0");
  EXPECT_EQ(message({.prefetch = 0}), "DataLoader: prefetch is 0, it must be at least 1");
  EXPECT_EQ(message({.shuffle = true, .sampler = std::make_shared<SequentialSampler>(3)}),
            "DataLoader: shuffle and sampler exclude each other");
  EXPECT_EQ(message({.persistent_workers = true}),
            "DataLoader: persistent_workers needs num_workers > 0");
}

TEST(DataLoader, AnInputIteratorForRanges) {
  DataLoader loader(Numbers{5}, {.batch_size = 2});
  static_assert(std::input_iterator<DataLoader<Numbers>::Iterator>);
  auto it = loader.begin();
  EXPECT_EQ(it->count, 2);
  ++it;
  ++it;
  EXPECT_EQ(it->values[0], 4);
  ++it;
  EXPECT_TRUE(it == loader.end());
}

}  // namespace
}  // namespace tessera::data
