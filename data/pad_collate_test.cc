// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/pad_collate.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int64_t>;

Tensor count(int64_t begin, int64_t end) { return arange(begin, end, 1, {.dtype = kInt64}); }

std::string error_of(const std::vector<Tensor>& sequences) {
  try {
    pad_sequences(sequences);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(PadSequences, FillsUpToTheLongest) {
  const std::vector<Tensor> sequences = {count(1, 4), count(7, 7), count(8, 9)};
  const PaddedBatch batch = pad_sequences(sequences, -1);
  EXPECT_EQ(batch.values.dtype(), kInt64);
  EXPECT_EQ(batch.values.shape(), (Shape{3, 3}));
  EXPECT_EQ(batch.values.to_vector<int64_t>(), (Ints{1, 2, 3, -1, -1, -1, 8, -1, -1}));
  EXPECT_EQ(batch.lengths.to_vector<int64_t>(), (Ints{3, 0, 1}));
}

TEST(PadSequences, OfVectorsThatNeedNotBeContiguous) {
  const Tensor a = count(0, 6).view({3, 2}).t();  // (2, 3)
  const Tensor b = count(10, 13).view({1, 3});
  const PaddedBatch batch = pad_sequences({a, b});
  EXPECT_EQ(batch.values.shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(batch.values.to_vector<int64_t>(), (Ints{0, 2, 4, 1, 3, 5, 10, 11, 12, 0, 0, 0}));
}

TEST(PadSequences, OfNothingButEmptySequences) {
  EXPECT_EQ(pad_sequences({count(0, 0), count(0, 0)}).values.shape(), (Shape{2, 0}));
}

TEST(PadSequences, Misuse) {
  EXPECT_EQ(error_of({}), "pad_sequences: a batch of no samples");
  EXPECT_EQ(error_of({zeros({})}),
            "pad_sequences: sample 0 of the batch has rank 0, expected a length");
  EXPECT_EQ(error_of({zeros({2, 3}), zeros({2, 4})}),
            "pad_sequences: sample 1 of the batch has shape [2, 4], sample 0 has [2, 3]: they may "
            "differ in the first size alone");
  EXPECT_EQ(error_of({zeros({2}), count(0, 1)}),
            "pad_sequences: sample 1 of the batch is of int64, sample 0 of float32");
}

struct Sentences {
  bool tagged = false;
  int64_t size() const { return 3; }
  Example get(int64_t index) const {
    const Tensor x = count(0, index + 1);
    return {x, tagged ? x.mul(2) : full({}, index, {.dtype = kInt64})};
  }
};

TEST(PadCollate, BatchesOfALoader) {
  DataLoader loader(Sentences{}, {.batch_size = 3, .num_workers = 1, .device = Device("cpu")},
                    PadCollate{.value = 9});
  for (auto& [x, lengths, y] : loader) {
    EXPECT_EQ(x.to_vector<int64_t>(), (Ints{0, 9, 9, 0, 1, 9, 0, 1, 2}));
    EXPECT_EQ(lengths.to_vector<int64_t>(), (Ints{1, 2, 3}));
    EXPECT_EQ(y.to_vector<int64_t>(), (Ints{0, 1, 2}));
  }
  DataLoader tagger(Sentences{true}, {.batch_size = 2}, PadCollate{.pad_y = true});
  EXPECT_EQ(tagger.begin()->y.to_vector<int64_t>(), (Ints{0, -100, 0, 2}));
}

}  // namespace
}  // namespace tessera::data
