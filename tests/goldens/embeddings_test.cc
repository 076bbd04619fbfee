// SPDX-License-Identifier: Apache-2.0
//
// Embedding and EmbeddingBag against PyTorch, and what they refuse.
#include <functional>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tests/goldens/module_golden.h"

namespace tessera::goldens {
namespace {

template <class Options>
Options options_of(const GoldenCase& g) {
  Options options;
  if (g.has_option("padding_idx")) options.padding_idx = g.integer("padding_idx", 0);
  if (g.has_option("max_norm")) options.max_norm = g.number("max_norm", 0);
  options.norm_type = g.number("norm_type", 2);
  options.scale_grad_by_freq = g.flag("scale_grad_by_freq");
  return options;
}

TEST(EmbeddingGoldens, EveryCaseOfEmbedding) {
  for (const GoldenCase& golden : load_goldens("embeddings", "Embedding/")) {
    SCOPED_TRACE(golden.name);
    nn::Embedding embedding(7, 3, options_of<nn::EmbeddingOptions>(golden));
    check_module(golden, embedding);
  }
}

TEST(EmbeddingGoldens, EveryCaseOfEmbeddingBag) {
  const std::map<std::string, nn::EmbeddingBagMode> kModes = {{"sum", nn::EmbeddingBagMode::kSum},
                                                              {"mean", nn::EmbeddingBagMode::kMean},
                                                              {"max", nn::EmbeddingBagMode::kMax}};
  for (const GoldenCase& golden : load_goldens("embeddings", "EmbeddingBag/")) {
    SCOPED_TRACE(golden.name);
    auto options = options_of<nn::EmbeddingBagModuleOptions>(golden);
    options.mode = kModes.at(golden.text("mode"));
    options.include_last_offset = golden.flag("include_last_offset");
    nn::EmbeddingBag bag(7, 3, options);
    check_module(golden, bag, [&](const std::vector<Tensor>& in) {
      return std::vector<Tensor>{
          bag(in[0], in.size() > 1 ? in[1] : Tensor(), in.size() > 2 ? in[2] : Tensor())};
    });
  }
}

void expect_error(absl::StatusCode code, const std::string& part, const std::function<void()>& f) {
  try {
    f();
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(Embedding, RefusesWhatDoesNotFit) {
  const Tensor indices = tensor<int64_t>({0, 1});
  expect_error(absl::StatusCode::kUnimplemented, "sparse",
               [] { nn::Embedding(3, 2, {.sparse = true}); });
  expect_error(absl::StatusCode::kOutOfRange, "3", [] { nn::Embedding(3, 2, {.padding_idx = 3}); });
  expect_error(kInvalid, "-1", [] { nn::Embedding(-1, 2); });
  expect_error(absl::StatusCode::kOutOfRange, "", [] {
    nn::Embedding(3, 2)(tensor<int64_t>({0, 3})).to_vector<float>();
  });
  expect_error(kInvalid, "float32", [] { nn::Embedding(3, 2)(rand({2})); });
  expect_error(kInvalid, "offsets", [&] { nn::EmbeddingBag(3, 2)(indices); });
  expect_error(kInvalid, "offsets", [&] {
    nn::EmbeddingBag(3, 2)(reshape(indices, {1, 2}), tensor<int64_t>({0}));
  });
  expect_error(kInvalid, "start with 0",
               [&] { nn::EmbeddingBag(3, 2)(indices, tensor<int64_t>({1})); });
  expect_error(kInvalid, "after 2", [&] {
    nn::EmbeddingBag(3, 2)(indices, tensor<int64_t>({0, 2, 1}));
  });
  expect_error(kInvalid, "after 3", [&] {
    nn::EmbeddingBag(3, 2)(indices, tensor<int64_t>({0, 3}));
  });
  expect_error(kInvalid, "2, got 1", [&] {
    nn::EmbeddingBag(3, 2, {.include_last_offset = true})(indices, tensor<int64_t>({0, 1}));
  });
  expect_error(kInvalid, "per_sample_weights",
               [&] { nn::EmbeddingBag(3, 2)(indices, tensor<int64_t>({0}), rand({2})); });
}

TEST(Embedding, FromPretrainedSharesAndFreezes) {
  const Tensor table = rand({4, 3});
  nn::Embedding frozen = nn::Embedding::from_pretrained(table);
  EXPECT_FALSE(frozen.weight.requires_grad());
  EXPECT_TRUE(frozen.weight.is_same(table));
  EXPECT_TRUE(equal(frozen(tensor<int64_t>({2, 0}))[0], table[2]));
  nn::Embedding trained = nn::Embedding::from_pretrained(rand({4, 3}), /*freeze=*/false);
  EXPECT_TRUE(trained.weight.requires_grad());
}

TEST(Embedding, PaddingRowStartsAsZeros) {
  nn::Embedding embedding(5, 3, {.padding_idx = -2});
  EXPECT_EQ(embedding.weight.detach()[3].abs().sum().item<float>(), 0);
  EXPECT_GT(embedding.weight.detach()[2].abs().sum().item<float>(), 0);
}

TEST(Embedding, PaddedGradientHasAGradient) {
  const Tensor indices = tensor<int64_t>({1, 0, 2, 1});
  const absl::Status status = gradgradcheck(
      [&](const Tensor& weight) {
        const Tensor rows = nn::functional::embedding(indices, weight, {.padding_idx = 0});
        return rows * rows;
      },
      rand({3, 2}, {.dtype = kFloat64}));
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace tessera::goldens
