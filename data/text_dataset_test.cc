// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/text_dataset.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int64_t>;

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// Against the definition, element by element.
TEST(TextDataset, WindowsAndWhatComesNext) {
  for (int64_t length : {0, 1, 2, 5, 6, 17}) {
    for (int64_t context : {1, 2, 5}) {
      for (int64_t stride : {1, 3}) {
        for (bool next_only : {false, true}) {
          const Tensor ids = arange(100, 100 + length, 1, {.dtype = kInt64});
          const TextDataset text(
              ids, {.context_length = context, .stride = stride, .next_only = next_only});
          Ints starts;
          for (int64_t at = 0; at + context < length; at += stride) starts.push_back(at);
          ASSERT_EQ(text.size(), static_cast<int64_t>(starts.size()));
          const Example all = get_all(text);
          for (int64_t i = 0; i < text.size(); ++i) {
            Ints x, y;
            for (int64_t t = 0; t < context; ++t) {
              x.push_back(100 + starts[i] + t);
              y.push_back(x.back() + 1);
            }
            if (next_only) y = {y.back()};
            const Example sample = text.get(i);
            ASSERT_EQ(sample.x.to_vector<int64_t>(), x);
            ASSERT_EQ(sample.y.to_vector<int64_t>(), y);
            ASSERT_EQ(sample.y.dim(), next_only ? 0 : 1);
            ASSERT_EQ(all.x[i].to_vector<int64_t>(), x);
            ASSERT_EQ(all.y[i].to_vector<int64_t>(), y);
          }
        }
      }
    }
  }
}

TEST(TextDataset, BatchesOfALoader) {
  const TextDataset text(arange(0, 12, 1, {.dtype = kInt64}), {.context_length = 4});
  DataLoader loader(text, {.batch_size = 3, .shuffle = true, .num_workers = 2});
  int64_t windows = 0;
  for (auto& [x, y] : loader) {
    EXPECT_EQ(x.size(1), 4);
    EXPECT_TRUE(x.add(1).eq(y).all().item<bool>());
    windows += x.size(0);
  }
  EXPECT_EQ(windows, 8);
}

TEST(TextDataset, Misuse) {
  const Tensor ids = arange(0, 6, 1, {.dtype = kInt64});
  EXPECT_EQ(error_of([&] {
              TextDataset(zeros({2, 3}));
            }),
            "TextDataset: expected ids (T), got shape [2, 3]");
  EXPECT_EQ(error_of([&] { TextDataset(ids, {.context_length = 0}); }),
            "TextDataset: context_length is 0, it must be at least 1");
  EXPECT_EQ(error_of([&] { TextDataset(ids, {.stride = 0}); }),
            "TextDataset: stride is 0, it must be at least 1");
  const TextDataset text(ids, {.context_length = 4});
  EXPECT_EQ(error_of([&] { text.get(2); }), "TextDataset: index 2 is not in [0, 2)");
  const Ints indices = {0, -1};
  EXPECT_EQ(error_of([&] { text.get_batch(indices); }), "TextDataset: index -1 is not in [0, 2)");
}

TEST(SplitSequence, PartsShareNothing) {
  const Tensor ids = arange(0, 11, 1, {.dtype = kInt64});
  const auto [train, val] = split_sequence(ids, 0.9);
  EXPECT_EQ(train.to_vector<int64_t>(), range(9));
  EXPECT_EQ(val.to_vector<int64_t>(), range(9, 11));
  EXPECT_EQ(split_sequence(ids, 1).second.size(0), 0);
  EXPECT_EQ(error_of([&] { split_sequence(ids, 1.5); }),
            "split_sequence: fraction is 1.5, it must be in [0, 1]");
}

}  // namespace
}  // namespace tessera::data
