// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/tensor.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/module_scope.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;

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

TEST(Tensor, HoldsWhatItWasGiven) {
  Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.dtype(), kFloat32);
  EXPECT_EQ(x.numel(), 6);
  EXPECT_EQ(x.to_vector<float>(), (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(x[1][2].item<float>(), 6);
}

TEST(Tensor, UndefinedTensorIsRefused) {
  EXPECT_FALSE(Tensor().defined());
  EXPECT_THROW(Tensor().shape(), Error);
}

TEST(Tensor, ItemWantsOneElement) {
  EXPECT_EQ(error_of([] {
              zeros({2, 3}).item<float>();
            }),
            "item: wants exactly one element, the tensor has 6: [2, 3]");
}

TEST(Tensor, ViewsShareStorage) {
  Tensor x = arange(12).view({3, 4});
  Tensor column = x.select(1, 2);
  column.fill_(-1);
  EXPECT_EQ(x.to_vector<int64_t>(), (Ints{0, 1, -1, 3, 4, 5, -1, 7, 8, 9, -1, 11}));
  EXPECT_EQ(x.t().to_vector<int64_t>(), (Ints{0, 4, 8, 1, 5, 9, -1, -1, -1, 3, 7, 11}));
}

TEST(Tensor, ReshapeCopiesOnlyWhereStridesDoNotFit) {
  Tensor x = arange(6).view({2, 3});
  EXPECT_EQ(x.reshape({3, 2}).ptr()->storage, x.ptr()->storage);
  Tensor y = x.t().reshape({6});
  EXPECT_FALSE(y.ptr()->storage == x.ptr()->storage);
  EXPECT_EQ(y.to_vector<int64_t>(), (Ints{0, 3, 1, 4, 2, 5}));
  EXPECT_NE(error_of([&] { x.t().view({6}); }).find("use reshape"), std::string::npos);
}

TEST(Tensor, PromotionFollowsPyTorch) {
  Tensor i = arange(3), f = ones({3}), d = ones({3}, {.dtype = kFloat64});
  Tensor h = ones({3}, {.dtype = kFloat16}), u = ones({3}, {.dtype = kUInt8});
  EXPECT_EQ((i + f).dtype(), kFloat32);
  EXPECT_EQ((f + d).dtype(), kFloat64);
  EXPECT_EQ((h + i).dtype(), kFloat16);
  EXPECT_EQ((h + ones({3}, {.dtype = kBFloat16})).dtype(), kFloat32);
  EXPECT_EQ((i + 1).dtype(), kInt64);
  EXPECT_EQ((i + 1.5).dtype(), kFloat32);
  EXPECT_EQ((h + 1.5).dtype(), kFloat16);
  EXPECT_EQ((u + 1000).dtype(), kUInt8);
  EXPECT_EQ((u + i).dtype(), kInt64);
  EXPECT_EQ((f + d[0]).dtype(), kFloat32);  // rank 0 of the same kind does not promote
  EXPECT_EQ((i + d[0]).dtype(), kFloat64);  // of a higher kind it does
  EXPECT_EQ((i / 2).dtype(), kFloat32);
  EXPECT_EQ((i > 1).dtype(), kBool);
  EXPECT_EQ(sum(u).dtype(), kInt64);
}

TEST(Tensor, NumbersActAsOperands) {
  Tensor x = tensor<float>({1, 2, 3});
  EXPECT_EQ((2 * x + 1).to_vector<float>(), (Floats{3, 5, 7}));
  EXPECT_EQ((1 - x).to_vector<float>(), (Floats{0, -1, -2}));
  EXPECT_EQ((Tensor(2.0) + Tensor(3)).item<float>(), 5);
}

TEST(Tensor, BroadcastsAndNamesShapesThatDoNot) {
  Tensor x = arange(6).view({2, 3}), row = arange(3), column = arange(2).view({2, 1});
  EXPECT_EQ((x + row).to_vector<int64_t>(), (Ints{0, 2, 4, 3, 5, 7}));
  EXPECT_EQ((row * column).to_vector<int64_t>(), (Ints{0, 0, 0, 0, 1, 2}));
  EXPECT_EQ(error_of([&] { x + arange(4); }),
            "add: shapes [2, 3] and [4] do not broadcast: 3 against 4 at dimension -1");
}

TEST(Tensor, ErrorsNameTheModule) {
  ModuleScope root("", "Sequential"), layer("3", "Linear");
  EXPECT_EQ(
      error_of([] {
        linear(zeros({2, 3}), zeros({5, 4}));
      }),
      "3 (Linear): linear: input has 3 features, weight expects 4: input [2, 3], weight [5, 4]");
}

TEST(Tensor, ReducesOverOneSeveralAndAllDimensions) {
  Tensor x = arange(24).view({2, 3, 4});
  EXPECT_EQ(x.sum().item<int64_t>(), 276);
  EXPECT_EQ(x.sum({}, true).shape(), (Shape{1, 1, 1}));
  EXPECT_EQ(x.sum(-1).shape(), (Shape{2, 3}));
  EXPECT_EQ(x.sum({0, 2}).to_vector<int64_t>(), (Ints{60, 92, 124}));
  EXPECT_EQ(x.to(kFloat32).mean(1, true).shape(), (Shape{2, 1, 4}));
  auto [values, indices] = x.max(1);
  EXPECT_EQ(values.to_vector<int64_t>(), (Ints{8, 9, 10, 11, 20, 21, 22, 23}));
  EXPECT_EQ(indices.to_vector<int64_t>(), Ints(8, 2));
  EXPECT_EQ(x.argmax().item<int64_t>(), 23);
  EXPECT_THROW(x.sum(3), Error);
  EXPECT_THROW(x.sum({1, 1}), Error);
  EXPECT_NEAR(tensor<double>({1, 2, 3, 4}).var().item<double>(), 5.0 / 3, 1e-12);
}

TEST(Tensor, ReductionsTakeADimensionAsANumber) {
  const Tensor x = tensor<float>({1, 2, 0, 3, 5, 4}, {2, 3});
  EXPECT_TRUE(equal(x.any(0), any(x, {0})));
  EXPECT_TRUE(equal(x.all(1, true), all(x, {1}, true)));
  EXPECT_TRUE(equal(x.var(1), var(x, {1})));
  EXPECT_TRUE(equal(x.std(-1, 0, true), std(x, {-1}, 0, true)));
  EXPECT_TRUE(equal(x.logsumexp(0), logsumexp(x, {0})));
  EXPECT_TRUE(equal(x.count_nonzero(0), count_nonzero(x, {0})));
  EXPECT_TRUE(equal(x.nansum(1), x.sum(1)));
  EXPECT_TRUE(equal(x.nanmean(1), x.mean(1)));
}

TEST(Tensor, InPlaceArithmeticWritesThroughViews) {
  Tensor x = zeros({2, 3});
  x[1] += 2;
  x[1] *= tensor<float>({1, 2, 3});
  EXPECT_EQ(x.to_vector<float>(), (Floats{0, 0, 0, 2, 4, 6}));
  Tensor i = arange(3);
  EXPECT_THROW(i += 0.5, Error);
  EXPECT_EQ(i.to_vector<int64_t>(), (Ints{0, 1, 2}));
}

TEST(Tensor, IndexesLikePython) {
  Tensor x = arange(24).view({2, 3, 4});
  EXPECT_EQ(x.index({1, 2}).to_vector<int64_t>(), (Ints{20, 21, 22, 23}));
  EXPECT_EQ(x.index({kEllipsis, 0}).shape(), (Shape{2, 3}));
  EXPECT_EQ(x.index({0, Slice(1, kNone), Slice(kNone, -1, 2)}).to_vector<int64_t>(),
            (Ints{4, 6, 8, 10}));
  EXPECT_EQ(x.index({kNewAxis, 0}).shape(), (Shape{1, 3, 4}));
  EXPECT_EQ(x.index({x > 20}).to_vector<int64_t>(), (Ints{21, 22, 23}));
  Tensor rows = tensor<int64_t>({1, 0}), cols = tensor<int64_t>({-1, 0});
  EXPECT_EQ(x.index({rows, cols}).to_vector<int64_t>(), (Ints{20, 21, 22, 23, 0, 1, 2, 3}));
  EXPECT_EQ(x.index({Slice(), rows, cols}).to_vector<int64_t>(), (Ints{7, 0, 19, 12}));
  EXPECT_EQ(x.index({rows, Slice(), cols}).shape(), (Shape{2, 3}));
  EXPECT_THROW(x.index({2}), Error);
  EXPECT_THROW(x.index({tensor<int64_t>({5})}), Error);
  EXPECT_THROW(x.index({0, 0, 0, 0}), Error);
}

TEST(Tensor, IndexPutWritesWhatIndexReads) {
  Tensor x = arange(12).view({3, 4});
  x.index_put_({Slice(), 1}, -1);
  EXPECT_EQ(x.to_vector<int64_t>(), (Ints{0, -1, 2, 3, 4, -1, 6, 7, 8, -1, 10, 11}));
  x.index_put_({x < 0}, tensor<int64_t>({70, 71, 72}));
  EXPECT_EQ(x.select(1, 1).to_vector<int64_t>(), (Ints{70, 71, 72}));
  x.index_put_({tensor<int64_t>({2, 0})}, tensor<int64_t>({5, 6, 7, 8}));
  EXPECT_EQ(x.to_vector<int64_t>(), (Ints{5, 6, 7, 8, 4, 71, 6, 7, 5, 6, 7, 8}));
}

TEST(Tensor, ArangeLinspaceEye) {
  EXPECT_EQ(arange(5, 0, -2).to_vector<int64_t>(), (Ints{5, 3, 1}));
  EXPECT_EQ(arange(0.0, 1.0, 0.25).to_vector<float>(), (Floats{0, 0.25, 0.5, 0.75}));
  EXPECT_EQ(arange(3, 3).numel(), 0);
  EXPECT_THROW(arange(3, 0), Error);
  EXPECT_EQ(linspace(0, 1, 5).to_vector<float>(), (Floats{0, 0.25, 0.5, 0.75, 1}));
  EXPECT_EQ(eye(2, 3).to_vector<float>(), (Floats{1, 0, 0, 0, 1, 0}));
}

TEST(Tensor, MatmulTakesEveryRank) {
  Tensor a = arange(6).view({2, 3}), v = arange(3);
  EXPECT_EQ(a.matmul(a.t()).to_vector<int64_t>(), (Ints{5, 14, 14, 50}));
  EXPECT_EQ(a.matmul(v).to_vector<int64_t>(), (Ints{5, 14}));
  EXPECT_EQ(v.matmul(a.t()).to_vector<int64_t>(), (Ints{5, 14}));
  EXPECT_EQ(v.matmul(v).item<int64_t>(), 5);
  Tensor b = arange(24).view({2, 1, 3, 4});
  EXPECT_EQ(arange(30).view({5, 2, 3}).matmul(b).shape(), (Shape{2, 5, 2, 4}));
  EXPECT_EQ(
      error_of([&] { a.matmul(a); }),
      "matmul: shapes [2, 3] and [2, 3] do not fit: the columns of the first must be the rows "
      "of the second");
}

TEST(Tensor, RandomNumbersRepeatWithTheSeed) {
  manual_seed(7);
  Tensor a = randn({100}), b = randn({100});
  manual_seed(7);
  EXPECT_TRUE(equal(a, randn({100})));
  EXPECT_TRUE(equal(b, randn({100})));
  EXPECT_FALSE(equal(a, b));
  Tensor order = randperm(50);
  EXPECT_TRUE(equal(order.sort().first, arange(50)));
  EXPECT_FALSE(equal(order, arange(50)));
  // Methods draw from the generator that they are given, as the functions do, and from no other.
  auto drawn = [](Generator* g) {
    Tensor x = zeros({50}), n = zeros({50}), coins = zeros({50});
    return std::vector<Tensor>{x.uniform_(2, 3, g),       n.normal_(0, 1, g),
                               coins.bernoulli_(0.25, g), full({50}, 0.5).bernoulli(g),
                               coins.bernoulli(0.5, g),   ones({50}).multinomial(5, false, g)};
  };
  Generator own = {.seed = 3}, again = {.seed = 3};
  const Generator before = default_generator();
  const std::vector<Tensor> first = drawn(&own), second = drawn(&again);
  for (size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(equal(first[i], second[i])) << i;
  EXPECT_EQ(default_generator().offset, before.offset);
  EXPECT_EQ(own.offset, again.offset);
  EXPECT_FALSE(equal(drawn(&own)[0], first[0]));
  EXPECT_FALSE(equal(drawn(nullptr)[1], drawn(nullptr)[1]));
  Tensor dice = randint(1, 7, {1000});
  EXPECT_EQ(dice.min().item<int64_t>(), 1);
  EXPECT_EQ(dice.max().item<int64_t>(), 6);
}

TEST(Tensor, OutOfRangeIndexIsAnErrorWithTheValue) {
  Tensor x = arange(3);
  std::string message = error_of([&] {
    x.gather(0, tensor<int64_t>({0, 7}));
    raise_if_error(x.device().synchronize());  // a device that works on its own says so only now
  });
  EXPECT_NE(message.find("gather"), std::string::npos) << message;
  EXPECT_NE(message.find("7"), std::string::npos) << message;
}

TEST(Tensor, PrintsAsPyTorchDoes) {
  EXPECT_EQ(tensor<float>({1, 2.5, -3}).to_string(), "tensor([ 1.0000,  2.5000, -3.0000])");
  EXPECT_EQ(tensor<float>({1, 2, 3}).to_string(), "tensor([1., 2., 3.])");
  EXPECT_EQ(arange(6).view({2, 3}).to_string(), "tensor([[0, 1, 2],\n        [3, 4, 5]])");
  EXPECT_EQ(tensor<double>({1e-6, 1}).to_string(),
            "tensor([1.0000e-06, 1.0000e+00], dtype=float64)");
  EXPECT_EQ(zeros({0, 3}).to_string(), "tensor([], size=[0, 3])");
  EXPECT_EQ(tensor<bool>({true, false}).to_string(), "tensor([ True, False])");
  EXPECT_EQ(arange(2000).to_string(), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])");
}

TEST(OpTable, NamesAreUniqueAndEveryOpHasSamples) {
  std::vector<std::string_view> names;
  for (const OpDef* op : all_ops()) {
    for (std::string_view other : names) EXPECT_NE(op->name, other);
    names.push_back(op->name);
    ASSERT_NE(op->samples, nullptr) << op->name;
    EXPECT_FALSE(op->samples(*op).empty()) << op->name;
    EXPECT_EQ(find_op(op->name), op);
  }
}

}  // namespace
}  // namespace tessera
