// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/concat_dataset.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/any_dataset.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int64_t>;

TensorDataset rows(int64_t begin, int64_t end) {
  const Tensor x = arange(begin, end, 1, {.dtype = kInt64});
  return TensorDataset(x.unsqueeze(1), x.mul(10));
}

struct Pixels {
  int64_t size() const { return 2; }
  Example get(int64_t index, int64_t epoch = 0) const {
    return {full({1}, index + 100 * epoch, {.dtype = kInt64}), full({}, 7, {.dtype = kInt64})};
  }
};

TEST(ConcatDataset, SamplesStandOneAfterTheOther) {
  const ConcatDataset both(std::vector{rows(0, 3), rows(0, 0), rows(50, 52)});
  ASSERT_EQ(both.size(), 5);
  Ints xs;
  for (int64_t i = 0; i < 5; ++i) xs.push_back(both.get(i).x.item<int64_t>());
  EXPECT_EQ(xs, (Ints{0, 1, 2, 50, 51}));
  static_assert(BatchedDataset<ConcatDataset<TensorDataset>>);
  for (const Ints& indices : {Ints{4, 3}, Ints{4, 0, 3, 1}, Ints{}}) {
    if (indices.empty()) continue;
    Ints expected;
    for (int64_t i : indices) expected.push_back(xs[static_cast<size_t>(i)]);
    const Example batch = both.get_batch(indices);
    EXPECT_EQ(batch.x.shape(), (Shape{static_cast<int64_t>(indices.size()), 1}));
    EXPECT_EQ(batch.x.to_vector<int64_t>(), expected);
    EXPECT_EQ(batch.x.squeeze(1).mul(10).to_vector<int64_t>(), batch.y.to_vector<int64_t>());
  }
}

TEST(ConcatDataset, RefusesIndicesThatDoNotExist) {
  const ConcatDataset both(std::vector{rows(0, 3), rows(5, 6)});
  for (int64_t index : {-1, 4}) {
    try {
      both.get(index);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.what(),
                "ConcatDataset: index " + std::to_string(index) + " is not in [0, 4)");
    }
  }
  EXPECT_EQ(ConcatDataset<TensorDataset>({}).size(), 0);
}

TEST(AnyDataset, HidesTheClassAndKeepsTheEpoch) {
  const ConcatDataset<AnyDataset<Example>> mixed({rows(0, 2), Pixels{}});
  ASSERT_EQ(mixed.size(), 4);
  EXPECT_EQ(get_all(mixed).x.to_vector<int64_t>(), (Ints{0, 1, 0, 1}));
  EXPECT_EQ(get_all(mixed, /*epoch=*/2).x.to_vector<int64_t>(), (Ints{0, 1, 200, 201}));
  EXPECT_EQ(mixed.get(3, 1).x.item<int64_t>(), 101);
  const AnyDataset any(Pixels{});
  const Ints indices = {1, 0};
  EXPECT_EQ(any.get_batch(indices, 1).x.to_vector<int64_t>(), (Ints{101, 100}));
}

}  // namespace
}  // namespace tessera::data
