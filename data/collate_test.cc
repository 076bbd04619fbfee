// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/collate.h"

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/dataset.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

TEST(StackSamples, PutsTensorsOnTopOfEachOther) {
  const Tensor a = tensor({1.0f, 2.0f, 3.0f}), b = tensor({4.0f, 5.0f, 6.0f});
  const Tensor batch = stack_samples({a, b});
  EXPECT_EQ(batch.shape(), Shape({2, 3}));
  EXPECT_EQ(batch.to_vector<float>(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(StackSamples, TakesViewsAndEveryDtypeAndRankZero) {
  for (DType dtype : kAllDTypes) {
    const Tensor all = arange(6).to(dtype).view({2, 3});
    const Tensor batch = stack_samples({all.t()[2], all.t()[1]});
    EXPECT_EQ(batch.dtype(), dtype);
    EXPECT_EQ(batch.to_vector<double>(), dtype == kBool ? (std::vector<double>{1, 1, 1, 1})
                                                        : (std::vector<double>{2, 5, 1, 4}));
    EXPECT_EQ(stack_samples({all[0][1], all[1][2]}).shape(), Shape({2}));
  }
  EXPECT_EQ(stack_samples({zeros({0, 3}), zeros({0, 3})}).shape(), Shape({2, 0, 3}));
}

std::string message_of(const std::vector<Tensor>& samples) {
  try {
    stack_samples(samples);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(StackSamples, SaysWhichSampleDiffers) {
  EXPECT_EQ(message_of({zeros({3, 4}), zeros({3, 4}), zeros({3, 5})}),
            "collate: sample 2 of the batch has shape [3, 5], sample 0 has [3, 4]");
  EXPECT_EQ(message_of({zeros({3}), zeros({3}, {.dtype = kInt64})}),
            "collate: sample 1 of the batch is of int64, sample 0 of float32");
  EXPECT_EQ(message_of({}), "collate: a batch of no samples");
}

template <class S>
struct ListDataset {
  std::vector<S> samples;
  int64_t size() const { return static_cast<int64_t>(samples.size()); }
  S get(int64_t index) const { return samples[static_cast<size_t>(index)]; }
};

TEST(Collate, NumbersBecomeTensors) {
  const Tensor ints = get_all(ListDataset<int>{{3, -1, 4}});
  EXPECT_EQ(ints.dtype(), kInt64);
  EXPECT_EQ(ints.to_vector<int64_t>(), (std::vector<int64_t>{3, -1, 4}));
  EXPECT_EQ(get_all(ListDataset<float>{{0.5f}}).dtype(), kFloat32);
  EXPECT_EQ(get_all(ListDataset<double>{{0.5}}).dtype(), kFloat64);
  EXPECT_EQ(get_all(ListDataset<bool>{{true, false}}).to_vector<int>(), (std::vector<int>{1, 0}));
}

TEST(Collate, StructuresAreCollatedMemberByMember) {
  using Sample = std::tuple<Tensor, int, std::string>;
  const auto [x, y, name] = get_all(ListDataset<Sample>{
      {Sample{tensor({1.0f, 2.0f}), 7, "a"}, Sample{tensor({3.0f, 4.0f}), 8, "b"}}});
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(y.to_vector<int64_t>(), (std::vector<int64_t>{7, 8}));
  EXPECT_EQ(name, (std::vector<std::string>{"a", "b"}));

  const auto [first, second] =
      get_all(ListDataset<std::pair<float, Tensor>>{{{2.0f, tensor({1.0f})}}});
  EXPECT_EQ(first.shape(), Shape({1}));
  EXPECT_EQ(second.shape(), Shape({1, 1}));

  const Example example =
      get_all(ListDataset<Example>{{{zeros({2}), ones({})}, {zeros({2}), ones({})}}});
  EXPECT_EQ(example.x.shape(), Shape({2, 2}));
  EXPECT_EQ(example.y.shape(), Shape({2}));
}

TEST(MoveBatch, MovesTheTensorsInABatch) {
  std::tuple<Example, Tensor, std::vector<std::string>> batch = {
      {zeros({2}), ones({2})}, ones({3}), {"a"}};
  move_batch(batch, Device());
  EXPECT_EQ(std::get<0>(batch).y.device(), Device());
  EXPECT_EQ(std::get<1>(batch).to_vector<float>(), (std::vector<float>{1, 1, 1}));
}

}  // namespace
}  // namespace tessera::data
