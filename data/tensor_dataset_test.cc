// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/tensor_dataset.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"
#include "tessera/data/gather_rows.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// Rows chosen one by one, as a reader would.
std::vector<double> rows_one_by_one(const Tensor& source, const std::vector<int64_t>& indices) {
  std::vector<double> values;
  for (int64_t index : indices) {
    for (double value : source[index].to_vector<double>()) values.push_back(value);
  }
  return values;
}

TEST(GatherRows, EveryDtypeRankAndRowLength) {
  const std::vector<int64_t> indices = {4, 0, 4, 2};
  for (DType dtype : kAllDTypes) {
    for (const Shape& shape : {Shape({5}), Shape({5, 1}), Shape({5, 3}), Shape({5, 2, 7})}) {
      const Tensor source = arange(shape.numel()).to(dtype).view(shape);
      const Tensor rows = gather_rows(source, indices);
      EXPECT_EQ(rows.dtype(), dtype);
      EXPECT_EQ(rows.size(0), 4);
      EXPECT_EQ(rows.dim(), shape.rank());
      EXPECT_EQ(rows.to_vector<double>(), rows_one_by_one(source, indices));
    }
  }
}

TEST(GatherRows, OfAViewAndOfNothing) {
  const Tensor source = arange(12).view({3, 4}).t();
  EXPECT_EQ(gather_rows(source, {3, 1}).to_vector<int>(), (std::vector<int>{3, 7, 11, 1, 5, 9}));
  EXPECT_EQ(gather_rows(source, {}).shape(), Shape({0, 3}));
  EXPECT_EQ(gather_rows(zeros({3, 0}), {1, 1}).shape(), Shape({2, 0}));
}

TEST(GatherRows, AnIndexOutsideIsRefused) {
  for (int64_t index : {-1, 3, 1000000000}) {
    EXPECT_EQ(message_of([&] {
                gather_rows(zeros({3, 2}), {0, index});
              }),
              "gather_rows: index " + std::to_string(index) + " is not in [0, 3)");
  }
  EXPECT_EQ(message_of([] { gather_rows(zeros({}), {0}); }),
            "gather_rows: the tensor has rank 0, so it has no rows");
}

TEST(TensorDataset, GivesRowsOneByOneAndInBatches) {
  const TensorDataset dataset(arange(6).view({3, 2}), tensor({10.0f, 11.0f, 12.0f}));
  EXPECT_EQ(dataset.size(), 3);
  EXPECT_EQ(dataset.get(1).x.to_vector<int>(), (std::vector<int>{2, 3}));
  EXPECT_EQ(dataset.get(1).y.item<float>(), 11);
  const Example batch = dataset.get_batch({2, 0});
  EXPECT_EQ(batch.x.to_vector<int>(), (std::vector<int>{4, 5, 0, 1}));
  EXPECT_EQ(batch.y.to_vector<float>(), (std::vector<float>{12, 10}));
}

TEST(TensorDataset, RefusesRowsThatDoNotPairUp) {
  EXPECT_EQ(message_of([] {
              TensorDataset(zeros({3, 2}), zeros({4}));
            }),
            "TensorDataset: x and y need the same number of rows: x [3, 2], y [4]");
  EXPECT_EQ(message_of([] { TensorDataset(zeros({}), zeros({})); }),
            "TensorDataset: x and y need the same number of rows: x [], y []");
  EXPECT_EQ(message_of([] { TensorDataset(zeros({3}), zeros({3})).get(3); }),
            "TensorDataset: index 3 is not in [0, 3)");
}

TEST(TensorDataset, LoadsInBatchesOnWorkersToo) {
  const TensorDataset dataset(arange(100).view({100, 1}), arange(100));
  for (int workers : {0, 2}) {
    DataLoader loader(
        dataset, {.batch_size = 7, .shuffle = true, .num_workers = workers, .device = Device()});
    std::vector<bool> seen(100);
    for (auto& [x, y] : loader) {
      EXPECT_EQ(x.to_vector<int>(), y.to_vector<int>());
      for (int64_t value : y.to_vector<int64_t>()) seen[static_cast<size_t>(value)] = true;
    }
    EXPECT_EQ(seen, std::vector<bool>(100, true));
  }
}

}  // namespace
}  // namespace tessera::data
