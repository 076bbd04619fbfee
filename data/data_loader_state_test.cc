// SPDX-License-Identifier: Apache-2.0
//
// What a DataLoader does beside plain epochs: batch samplers, collate functions, samples that
// cannot be had, going on in the middle of an epoch.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"
#include "tessera/data/subset.h"

namespace tessera::data {
namespace {

using Batch = std::vector<int64_t>;
using Batches = std::vector<Batch>;

struct Name {
  std::string text;
  friend bool operator==(const Name& a, const Name& b) { return a.text == b.text; }
};

// Samples that collate.h puts into a std::vector.
struct Names {
  int64_t count;
  int64_t size() const { return count; }
  Name get(int64_t index) const { return {std::to_string(index)}; }
};

// Batches of indices, with the epoch in the hundreds.
struct Numbers {
  int64_t count;
  int64_t size() const { return count; }
  int64_t get(int64_t index, int64_t epoch = 0) const { return index + 100 * epoch; }
  Batch get_batch(absl::Span<const int64_t> indices, int64_t epoch = 0) const {
    Batch batch;
    for (int64_t index : indices) batch.push_back(get(index, epoch));
    return batch;
  }
};

template <class Loader>
Batches rest_of_epoch(Loader& loader) {
  Batches batches;
  for (auto& batch : loader) batches.push_back(batch);
  return batches;
}

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(DataLoader, ABatchSamplerDecidesWhatComesTogether) {
  struct Growing final : BatchSamplerBase {
    int64_t size() const override { return 3; }
    void sample(int64_t epoch, BatchList& batches) const override {
      batches.clear();
      batches.push_back({epoch});
      batches.push_back({4, 4});
      batches.push_back({1, 2, 3});
    }
  };
  for (int workers : {0, 2}) {
    DataLoader loader(Numbers{10},
                      {.num_workers = workers, .batch_sampler = std::make_shared<Growing>()});
    EXPECT_EQ(loader.size(), 3);
    EXPECT_EQ(rest_of_epoch(loader), (Batches{{0}, {4, 4}, {1, 2, 3}}));
    EXPECT_EQ(rest_of_epoch(loader), (Batches{{101}, {104, 104}, {101, 102, 103}}));
  }
  const std::string both =
      "DataLoader: batch_sampler and any of batch_size, shuffle, drop_last and sampler exclude "
      "each "
      "other";
  const auto sampler = std::make_shared<Growing>();
  EXPECT_EQ(error_of([&] {
              DataLoader loader(Numbers{10}, {.batch_size = 2, .batch_sampler = sampler});
            }),
            both);
  EXPECT_EQ(error_of([&] {
              DataLoader loader(Numbers{10}, {.shuffle = true, .batch_sampler = sampler});
            }),
            both);
  EXPECT_EQ(error_of([&] { DataLoader loader(Numbers{10}, {.shards = 2}); }),
            "DataLoader: shards is 2, which is for iterable datasets alone");
}

TEST(DataLoader, SamplesKnowTheEpochThroughWhatStandsBetween) {
  DataLoader loader(Subset(Numbers{10}, {7, 5}), {.batch_size = 2});
  EXPECT_EQ(rest_of_epoch(loader), (Batches{{7, 5}}));
  EXPECT_EQ(rest_of_epoch(loader), (Batches{{107, 105}}));
}

TEST(DataLoader, ACollateFunctionOfOnesOwn) {
  for (int workers : {0, 2}) {
    DataLoader loader(Names{5}, {.batch_size = 2, .num_workers = workers},
                      [](const std::vector<Name>& names) {
                        std::string text;
                        for (const Name& name : names) text += name.text;
                        return text;
                      });
    std::vector<std::string> batches;
    for (std::string& batch : loader) batches.push_back(batch);
    EXPECT_EQ(batches, (std::vector<std::string>{"01", "23", "4"}));
  }
}

// Thirds cannot be had.
struct NoThirds {
  int64_t count;
  int64_t size() const { return count; }
  absl::StatusOr<int64_t> get(int64_t index) const {
    if (index % 3 != 0) return index;
    return absl::DataLossError(std::to_string(index) + ".png: cut off");
  }
  Batch get_batch(absl::Span<const int64_t> indices) const {
    Batch batch;
    for (int64_t index : indices) batch.push_back(value_or_raise(get(index)));
    return batch;
  }
};
struct NoThirdsOneByOne {
  int64_t count;
  int64_t size() const { return count; }
  Name get(int64_t index) const {
    if (index % 3 == 0) throw std::runtime_error("no");
    return {std::to_string(index)};
  }
};

TEST(DataLoader, SamplesThatCannotBeHadAreLeftOutAndCounted) {
  for (int workers : {0, 3}) {
    DataLoader loader(
        NoThirds{10},
        {.batch_size = 2, .num_workers = workers, .on_error = SampleErrorPolicy::kSkip});
    EXPECT_EQ(rest_of_epoch(loader), (Batches{{1}, {2}, {4, 5}, {7}, {8}}));
    const SkippedSamples skipped = loader.skipped();
    EXPECT_EQ(skipped.count, 4);
    ASSERT_EQ(skipped.messages.size(), 4);
    if (workers == 0) {
      EXPECT_EQ(skipped.messages[1], "sample 3: 3.png: cut off");
    }
    EXPECT_EQ(rest_of_epoch(loader).size(), 5);
    EXPECT_EQ(loader.skipped().count, 4) << "of the last epoch alone";

    DataLoader alone(NoThirds{100}, {.num_workers = workers, .on_error = SampleErrorPolicy::kSkip});
    EXPECT_EQ(rest_of_epoch(alone).size(), 66) << "batches without a sample do not come";
    EXPECT_EQ(alone.skipped().count, 34);
    EXPECT_EQ(alone.skipped().messages.size(), SkippedSamples::kKept);

    DataLoader named(
        NoThirdsOneByOne{5},
        {.batch_size = 5, .num_workers = workers, .on_error = SampleErrorPolicy::kSkip});
    for (std::vector<Name>& names : named) {
      EXPECT_EQ(names, (std::vector<Name>{{"1"}, {"2"}, {"4"}}));
    }
    EXPECT_EQ(named.skipped().messages, (std::vector<std::string>{"sample 0: no", "sample 3: no"}));
  }
  DataLoader strict(NoThirds{10}, {.batch_size = 2});
  EXPECT_EQ(error_of([&] { rest_of_epoch(strict); }), "sample 0: 0.png: cut off");
}

// For every place to stop at, with loaders whose numbers of workers differ.
TEST(DataLoader, GoesOnInTheMiddleOfAnEpoch) {
  for (const DataLoaderOptions& options :
       {DataLoaderOptions{.batch_size = 3, .shuffle = true, .seed = 4},
        DataLoaderOptions{.batch_size = 4, .drop_last = true, .num_workers = 2},
        DataLoaderOptions{.batch_size = 4, .num_workers = 2, .persistent_workers = true}}) {
    DataLoader whole(Numbers{20}, options);
    rest_of_epoch(whole);
    const Batches second = rest_of_epoch(whole), third = rest_of_epoch(whole);
    for (size_t stop = 1; stop <= second.size(); ++stop) {
      DataLoader first(Numbers{20}, options);
      first.set_epoch(1);
      DataLoaderState state;
      Batches before;
      for (Batch& batch : first) {
        before.push_back(batch);
        state = first.state_dict();
        if (before.size() == stop) break;
      }
      EXPECT_EQ(first.state_dict().next_batch, static_cast<int64_t>(stop)) << "also after the loop";
      // The loader that was left goes on itself.
      ASSERT_TRUE(first.load_state_dict(state).ok());
      Batches same_loader = before;
      for (Batch& batch : rest_of_epoch(first)) same_loader.push_back(batch);
      EXPECT_EQ(same_loader, second) << stop;
      EXPECT_EQ(rest_of_epoch(first), third);
      for (int workers : {0, 3}) {
        DataLoaderOptions other = options;
        other.num_workers = workers;
        other.persistent_workers = options.persistent_workers && workers > 0;
        DataLoader resumed(Numbers{20}, other);
        ASSERT_TRUE(resumed.load_state_dict(state).ok());
        Batches all = before;
        for (Batch& batch : rest_of_epoch(resumed)) all.push_back(batch);
        EXPECT_EQ(all, second) << stop;
        EXPECT_EQ(resumed.epoch(), 2);
        EXPECT_EQ(rest_of_epoch(resumed), third) << "the next epoch begins at its beginning";
      }
    }
  }
}

TEST(DataLoader, AStateOfAnotherLoaderIsRefused) {
  DataLoader loader(Numbers{20}, {.batch_size = 4});
  DataLoader other(Numbers{20}, {.batch_size = 5});
  EXPECT_EQ(other.load_state_dict(loader.state_dict()).message(),
            "DataLoader: a state at batch 0 of 5 in epoch 0 is not one of this loader, which has 4 "
            "batches in an epoch");
  for (const DataLoaderState& state :
       {DataLoaderState{0, 6, 5}, DataLoaderState{-1, 0, 5}, DataLoaderState{0, -1, 5}}) {
    EXPECT_EQ(loader.load_state_dict(state).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(loader.load_state_dict({3, 5, 5}).ok());
  EXPECT_EQ(rest_of_epoch(loader), Batches{});
  EXPECT_EQ(loader.epoch(), 4);
}

TEST(DataLoader, AfterALoopTheStateIsTheNextEpochsBeginning) {
  DataLoader loader(Numbers{20}, {.batch_size = 4});
  rest_of_epoch(loader);
  EXPECT_EQ(loader.state_dict().to_tensor().to_vector<int64_t>(), (Batch{1, 0, 5}));
}

TEST(DataLoader, AStateIsKeptInATensor) {
  const DataLoaderState state = {7, 3, 10};
  const Tensor tensor = state.to_tensor();
  EXPECT_EQ(tensor.to_vector<int64_t>(), (Batch{7, 3, 10}));
  EXPECT_EQ(DataLoaderState::from_tensor(tensor)->next_batch, 3);
  EXPECT_EQ(DataLoaderState::from_tensor(tensor.to(kFloat32)).status().message(),
            "DataLoaderState: expected int64 [3], got float32 [3]");
}

}  // namespace
}  // namespace tessera::data
