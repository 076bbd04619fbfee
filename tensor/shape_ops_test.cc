// SPDX-License-Identifier: Apache-2.0
//
// What tests/goldens/shapes_test.cc and reductions_test.cc leave open of shapes, indexing and
// random numbers: errors, in-place forms, draws.
#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using Ints = std::vector<int64_t>;
using Doubles = std::vector<double>;

// The message of the Error that `f` throws, or "".
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

Ints ints(const Tensor& x) { return x.to_vector<int64_t>(); }

TEST(Factories, NestedListsGiveTheirShape) {
  Tensor m = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  EXPECT_EQ(m.shape(), (Shape{2, 3}));
  EXPECT_EQ(m.dtype(), kFloat64);
  EXPECT_EQ(m.to_vector<double>(), (Doubles{1, 2, 3, 4, 5, 6}));
  Tensor t = tensor<int64_t>({{{1, 2}}, {{3, 4}}, {{5, 6}}}, {.dtype = kFloat32});
  EXPECT_EQ(t.shape(), (Shape{3, 1, 2}));
  EXPECT_EQ(t.dtype(), kFloat32);
  EXPECT_EQ(ints(t), (Ints{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(error_of([] {
              tensor({{1.0, 2.0}, {3.0}});
            }),
            "tensor: nested lists differ in length: 2 and 1");
}

TEST(Factories, LikeTakesAnotherDType) {
  Tensor x = ones({2, 3});
  EXPECT_EQ(zeros_like(x, kInt64).dtype(), kInt64);
  EXPECT_EQ(full_like(x, 2.5, kFloat64).to_vector<double>(), Doubles(6, 2.5));
  EXPECT_EQ(rand_like(x, kFloat64).dtype(), kFloat64);
  EXPECT_EQ(randint_like(x, 3, 4).to_vector<double>(), Doubles(6, 3));
}

TEST(Einsum, SaysWhatIsWrong) {
  Tensor m = ones({2, 3});
  auto of = [&](const char* equation, std::vector<Tensor> operands) {
    return error_of([&] { einsum(equation, operands); });
  };
  EXPECT_EQ(of("ij,jk->ik", {m}), "einsum: 'ij,jk->ik' has 2 operands, got 1");
  EXPECT_EQ(of("ijk", {m}), "einsum: 'ijk' gives operand 0 3 dimensions, it has [2, 3]");
  EXPECT_EQ(of("i", {m}), "einsum: 'i' gives operand 0 1 dimensions, it has [2, 3]");
  EXPECT_EQ(of("ii", {m}), "einsum: 'ii': 'i' stands twice in operand 0 for sizes 2 and 3");
  EXPECT_EQ(of("ij,jk", {m, m}), "einsum: 'ij,jk': 'j' has sizes 3 and 2");
  EXPECT_EQ(of("ij->k", {m}), "einsum: 'ij->k': 'k' of the result is in no operand");
  EXPECT_EQ(of("ij->ii", {m}), "einsum: 'ij->ii': 'i' stands twice in the result");
  EXPECT_EQ(of("i1", {m}),
            "einsum: 'i1' has an unexpected '1': terms hold letters and at most one '...'");
  EXPECT_NE(of("i..j", {m}), "");
  EXPECT_NE(of("......", {m}), "");
  EXPECT_EQ(of("", {}), "einsum: wants at least one operand");
}

TEST(Einsum, SumsOverTheEllipsisThatTheResultLeavesOut) {
  Tensor x = arange(6).view({2, 3});
  EXPECT_EQ(ints(einsum("i...->i", {{x}})), (Ints{3, 12}));
}

TEST(Shapes, RefuseWhatDoesNotFit) {
  Tensor x = ones({2, 3});
  EXPECT_EQ(error_of([&] {
              x.split({1, 1}, 1);
            }),
            "split: sizes [1, 1] add up to 2, dimension 1 of [2, 3] has 3");
  EXPECT_EQ(error_of([&] {
              x.roll({1, 2}, {0});
            }),
            "roll: pairs shifts [1, 2] with dimensions [0]");
  EXPECT_EQ(error_of([&] {
              x.movedim({0, 0}, {0, 1});
            }),
            "movedim: a dimension stands twice in [0, 0]");
  EXPECT_EQ(error_of([&] {
              x.repeat_interleave(tensor<int64_t>({1, 2}), 1);
            }),
            "repeat_interleave: repeats [2] do not fit dimension 1 of [2, 3]");
  EXPECT_EQ(error_of([&] { x.masked_select(x); }), "masked_select: mask must be bool, got float32");
  EXPECT_EQ(error_of([&] { tril(ones({3})); }), "tril: wants at least 2 dimensions, got [3]");
  EXPECT_EQ(error_of([&] {
              diag(ones({2, 2, 2}));
            }),
            "diag: wants a vector or a matrix, got [2, 2, 2]");
  EXPECT_EQ(error_of([&] { tensordot(x, x, {1}, {0}); }),
            "tensordot: dimension 1 of [2, 3] and dimension 0 of [2, 3] differ");
}

TEST(Shapes, SqueezeSeveralDimensions) {
  EXPECT_EQ(ones({1, 2, 1, 3, 1}).squeeze({0, -1, 3}).shape(), (Shape{2, 1, 3}));
}

TEST(Shapes, DiagonalIsAView) {
  Tensor x = zeros({2, 3}, {.dtype = kInt64});
  x.diagonal(1).fill_(7);
  EXPECT_EQ(ints(x), (Ints{0, 7, 0, 0, 0, 7}));
}

TEST(InPlace, WritesTheOpsResult) {
  Tensor x = zeros({2, 3}, {.dtype = kInt64}), index = tensor<int64_t>({2, 0}, {2, 1});
  x.scatter_(1, index, 5);
  EXPECT_EQ(ints(x), (Ints{0, 0, 5, 5, 0, 0}));
  x.scatter_add_(1, index, ones({2, 1}, {.dtype = kInt64}));
  EXPECT_EQ(ints(x), (Ints{0, 0, 6, 6, 0, 0}));
  x.masked_fill_(x == 6, -1);
  EXPECT_EQ(ints(x), (Ints{0, 0, -1, -1, 0, 0}));
  x.index_add_(0, tensor<int64_t>({1, 1}), ones({2, 3}, {.dtype = kInt64}));
  EXPECT_EQ(ints(x), (Ints{0, 0, -1, 1, 2, 2}));
}

TEST(Statistics, RefuseWhatDoesNotFit) {
  Tensor x = tensor<double>({1, 2, 3});
  EXPECT_EQ(error_of([&] { quantile(x, 1.5); }), "quantile: q must be in [0, 1], got 1.5");
  EXPECT_EQ(error_of([&] { quantile(x, 0.5, std::nullopt, false, "cubic"); }),
            "quantile: interpolation must be linear, lower, higher, midpoint or nearest, got "
            "'cubic'");
  EXPECT_EQ(error_of([&] { quantile(x, tensor<float>({0.5f})); }),
            "quantile: q must have the input's dtype float64, got float32");
  EXPECT_EQ(error_of([&] {
              median(zeros({3, 0}), 1);
            }),
            "median: dimension 1 of [3, 0] has no elements");
  EXPECT_EQ(error_of([&] { bincount(tensor<int64_t>({1, -2})); }), "bincount: negative number -2");
  EXPECT_EQ(error_of([&] { histc(x, 3, 2, 1); }), "histc: wants min <= max, got 2 and 1");
  EXPECT_EQ(error_of([&] {
              histc(tensor<double>({1, NAN}));
            }),
            "histc: the range [nan, nan] is not finite");
  EXPECT_EQ(error_of([&] { x.norm(NAN); }), "norm: p is nan");
}

TEST(Statistics, NanIsNotCountedAndEachIsDistinct) {
  Tensor x = tensor<double>({1, NAN, 3, NAN});
  EXPECT_EQ(histc(x, 2, 0, 4).to_vector<double>(), (Doubles{1, 1}));
  UniqueResult result = unique(x, {.return_inverse = true, .return_counts = true});
  EXPECT_EQ(result.values.shape(), Shape{4});
  EXPECT_EQ(ints(result.inverse), (Ints{0, 2, 1, 3}));
  EXPECT_EQ(ints(result.counts), (Ints{1, 1, 1, 1}));
  EXPECT_FALSE(unique(x).inverse.defined());
}

TEST(Multinomial, FollowsTheWeights) {
  manual_seed(5);
  Tensor weights = tensor<float>({0, 1, 0, 3, 0, 4, 0});
  Tensor drawn = multinomial(weights, 40000, /*replacement=*/true);
  Doubles share = (bincount(drawn, {}, 7).to(kFloat64) / 40000).to_vector<double>();
  for (int i = 0; i < 7; ++i) {
    const double p = weights.to_vector<double>()[i] / 8;
    // Four standard deviations: none at all for a weight of 0.
    EXPECT_NEAR(share[i], p, 4 * std::sqrt(p * (1 - p) / 40000)) << i;
  }
}

TEST(Multinomial, WithoutReplacementDrawsEachOnceAndTheHeavyFirst) {
  manual_seed(6);
  Tensor weights = tensor<double>({1, 0, 2, 5}).expand({3000, 4});
  Ints drawn = ints(multinomial(weights, 3));
  int heavy_first = 0;
  for (size_t row = 0; row < 3000; ++row) {
    EXPECT_EQ((std::set<int64_t>{drawn[3 * row], drawn[3 * row + 1], drawn[3 * row + 2]}),
              (std::set<int64_t>{0, 2, 3}));
    heavy_first += drawn[3 * row] == 3;
  }
  EXPECT_NEAR(heavy_first / 3000.0, 5.0 / 8, 4 * std::sqrt(5.0 / 8 * 3 / 8 / 3000));
}

TEST(Multinomial, RepeatsFromTheSameSeed) {
  Tensor weights = ones({4, 10});
  Generator a{7}, b{7};
  EXPECT_EQ(ints(multinomial(weights, 5, false, &a)), ints(multinomial(weights, 5, false, &b)));
  EXPECT_EQ(a.offset, b.offset);
  EXPECT_NE(a.offset, 0u);
  // The bits are Philox's: the same on every backend.
  Generator c{11};
  EXPECT_EQ(ints(multinomial(tensor<float>({1, 2, 3, 4, 5, 6}), 4, false, &c)), (Ints{0, 5, 2, 3}));
}

TEST(Multinomial, SaysWhatIsWrong) {
  EXPECT_EQ(error_of([] {
              multinomial(tensor<float>({1, -1}), 1);
            }),
            "multinomial: weights must be finite and not negative, got -1");
  EXPECT_EQ(error_of([] { multinomial(zeros({3}), 1); }), "multinomial: the weights add up to 0");
  EXPECT_EQ(error_of([] {
              multinomial(tensor<float>({1, 0, 2}), 3);
            }),
            "multinomial: cannot draw 3 without replacement from 2 weights that are not 0");
  EXPECT_EQ(error_of([] { multinomial(ones({3}), 0); }),
            "multinomial: num_samples must be positive, got 0");
  EXPECT_EQ(error_of([] {
              multinomial(ones({2, 2, 2}), 1);
            }),
            "multinomial: wants weights (n) or (m, n), got [2, 2, 2]");
}

TEST(Bernoulli, HasItsProbability) {
  manual_seed(8);
  Tensor x = empty({100, 100}, {.dtype = kBool});
  x.bernoulli_(0.3);
  EXPECT_NEAR(x.sum().item<double>() / 10000, 0.3, 4 * std::sqrt(0.21 / 10000));
  EXPECT_EQ(bernoulli(ones({5}), 0.0).sum().item<float>(), 0);
  EXPECT_EQ(bernoulli(ones({5}), 1.0).sum().item<float>(), 5);
  EXPECT_EQ(error_of([&] { x.bernoulli_(1.5); }), "bernoulli_: p must be in [0, 1], got 1.5");
}

TEST(Randint, FromZero) {
  Ints drawn = ints(randint(3, {200}));
  EXPECT_EQ(*std::min_element(drawn.begin(), drawn.end()), 0);
  EXPECT_EQ(*std::max_element(drawn.begin(), drawn.end()), 2);
}

}  // namespace
}  // namespace tessera
