// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/in_place.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;

template <class F>
absl::StatusCode code_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.code();
  }
  return absl::StatusCode::kOk;
}

// The second row of a matrix: in place means in that memory, and nowhere else.
template <class F, class G>
void expect_in_place(F in_place, G function) {
  Tensor x = tensor<float>({9, 9, 9, 0.25f, 0.5f, 0.75f}, {2, 3});
  const Tensor expected = function(x[1]);
  Tensor row = x[1];
  Tensor& result = in_place(row);
  EXPECT_TRUE(result.is_same(row));
  EXPECT_EQ(x[1].to_vector<float>(), expected.to_vector<float>());
  EXPECT_EQ(x[0].to_vector<float>(), (Floats{9, 9, 9}));
}

TEST(InPlace, FunctionsOfOneTensor) {
#define EXPECT_IN_PLACE(name)                                       \
  expect_in_place([](Tensor& x) -> Tensor& { return x.name##_(); }, \
                  [](const Tensor& x) { return x.name(); })
  EXPECT_IN_PLACE(neg);
  EXPECT_IN_PLACE(abs);
  EXPECT_IN_PLACE(sign);
  EXPECT_IN_PLACE(exp);
  EXPECT_IN_PLACE(exp2);
  EXPECT_IN_PLACE(expm1);
  EXPECT_IN_PLACE(log);
  EXPECT_IN_PLACE(log2);
  EXPECT_IN_PLACE(log10);
  EXPECT_IN_PLACE(log1p);
  EXPECT_IN_PLACE(sqrt);
  EXPECT_IN_PLACE(rsqrt);
  EXPECT_IN_PLACE(reciprocal);
  EXPECT_IN_PLACE(square);
  EXPECT_IN_PLACE(sin);
  EXPECT_IN_PLACE(cos);
  EXPECT_IN_PLACE(tanh);
  EXPECT_IN_PLACE(sigmoid);
  EXPECT_IN_PLACE(erfinv);
  EXPECT_IN_PLACE(relu);
  EXPECT_IN_PLACE(floor);
  EXPECT_IN_PLACE(ceil);
  EXPECT_IN_PLACE(round);
  EXPECT_IN_PLACE(trunc);
#undef EXPECT_IN_PLACE
}

TEST(InPlace, FunctionsOfSeveralTensors) {
  const Tensor a = tensor<float>({2, -3, 4}), b = tensor<float>({0.5f, 0.5f, -2});
#define EXPECT_IN_PLACE(name, ...)                                              \
  expect_in_place([&](Tensor& x) -> Tensor& { return x.name##_(__VA_ARGS__); }, \
                  [&](const Tensor& x) { return x.name(__VA_ARGS__); })
  EXPECT_IN_PLACE(add, a);
  EXPECT_IN_PLACE(add, a, 3);
  EXPECT_IN_PLACE(sub, a);
  EXPECT_IN_PLACE(sub, a, b);
  EXPECT_IN_PLACE(mul, a);
  EXPECT_IN_PLACE(div, a);
  EXPECT_IN_PLACE(floor_divide, b);
  EXPECT_IN_PLACE(remainder, b);
  EXPECT_IN_PLACE(fmod, b);
  EXPECT_IN_PLACE(pow, a);
  EXPECT_IN_PLACE(pow, 2);
  EXPECT_IN_PLACE(lerp, a, 0.25);
  EXPECT_IN_PLACE(addcmul, a, b);
  EXPECT_IN_PLACE(addcmul, a, b, 0.5);
  EXPECT_IN_PLACE(addcdiv, a, b, -2);
  EXPECT_IN_PLACE(clamp, 0.3, 0.6);
  EXPECT_IN_PLACE(clamp, b, std::nullopt);
  EXPECT_IN_PLACE(clamp_min, b);
  EXPECT_IN_PLACE(clamp_max, 0.5);
  EXPECT_IN_PLACE(masked_fill, a > 0, -1);
#undef EXPECT_IN_PLACE
}

TEST(InPlace, NanToNum) {
  const float inf = std::numeric_limits<float>::infinity();
  Tensor x = tensor<float>({inf, -inf, std::numeric_limits<float>::quiet_NaN(), 3});
  x.nan_to_num_(1, 2);
  EXPECT_EQ(x.to_vector<float>(), (Floats{2, std::numeric_limits<float>::lowest(), 1, 3}));
}

TEST(InPlace, Bits) {
  Tensor i = tensor<int64_t>({1, 2, 7});
  i &= 3;
  EXPECT_EQ(i.to_vector<int64_t>(), (Ints{1, 2, 3}));
  i |= 4;
  EXPECT_EQ(i.to_vector<int64_t>(), (Ints{5, 6, 7}));
  i ^= 1;
  EXPECT_EQ(i.to_vector<int64_t>(), (Ints{4, 7, 6}));
  Tensor flags = i > 4;
  flags &= i < 7;
  EXPECT_EQ(flags.to_vector<int64_t>(), (Ints{0, 0, 1}));
  flags |= i == 4;
  EXPECT_EQ(flags.to_vector<int64_t>(), (Ints{1, 0, 1}));
  flags ^= i > 0;
  EXPECT_EQ(flags.to_vector<int64_t>(), (Ints{0, 1, 0}));
  EXPECT_EQ((~flags).to_vector<int64_t>(), (Ints{1, 0, 1}));
}

// What a target cannot hold is refused before anything is written.
TEST(InPlace, RefusesAnotherKindOfNumber) {
  Tensor i = tensor<int64_t>({4, 9});
  EXPECT_EQ(code_of([&] { i.sqrt_(); }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { i.mul_(0.5); }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { i.div_(2); }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { i.clamp_(0.5); }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { i.pow_(0.5); }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { i.pow_(-1); }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(i.floor_().to_vector<int64_t>(), (Ints{4, 9}));
  i.clamp_(5, 8).add_(1);
  EXPECT_EQ(i.to_vector<int64_t>(), (Ints{6, 9}));
  Tensor flags = i > 7;
  EXPECT_EQ(code_of([&] { flags.add_(1); }), absl::StatusCode::kInvalidArgument);
}

TEST(InPlace, RefusesALargerResult) {
  Tensor row = ones({3});
  const Tensor matrix = ones({2, 3});
  EXPECT_NE(code_of([&] { row.add_(matrix); }), absl::StatusCode::kOk);
  EXPECT_EQ(code_of([&] { row.addcmul_(matrix, matrix); }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { row.clamp_(matrix); }), absl::StatusCode::kInvalidArgument);
}

TEST(Pointwise, RefusesWhatHasNoMeaning) {
  const Tensor i = tensor<int64_t>({1, 2}), x = ones({2});
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code_of([&] { clamp(x, std::nullopt); }), kInvalid);
  EXPECT_EQ(code_of([&] { frac(i); }), kInvalid);
  EXPECT_EQ(code_of([&] { addcdiv(x, i, i); }), kInvalid);
  EXPECT_EQ(code_of([&] { pow(i, -1); }), kInvalid);
  EXPECT_EQ(code_of([&] { bitwise_left_shift(x, 1); }), kInvalid);
  EXPECT_EQ(code_of([&] { bitwise_right_shift(i, x); }), kInvalid);
  EXPECT_EQ(code_of([&] { isclose(x, x, -1); }), kInvalid);
  EXPECT_EQ(code_of([&] { masked_fill(x, x > 0, x); }), kInvalid);
  EXPECT_EQ(code_of([&] { leaky_relu(i); }), kInvalid);
}

TEST(Pointwise, ShiftsByTheWidthAndMore) {
  const Tensor x = tensor<int32_t>({-5, 5});
  for (int64_t n : {31, 32, 63, 64, 200, -1}) {
    const Tensor counts = full({2}, n, {.dtype = kInt32});
    const Ints filled = {-1, 0};
    EXPECT_EQ(bitwise_right_shift(x, n).to_vector<int64_t>(), filled) << n;
    EXPECT_EQ(bitwise_right_shift(x, counts).to_vector<int64_t>(), filled) << n;
    EXPECT_EQ(bitwise_right_shift(x, n).dtype(), kInt32);
    EXPECT_EQ(bitwise_right_shift(x, counts).dtype(), kInt32);
    if (n == 31) continue;
    EXPECT_EQ(bitwise_left_shift(x, n).to_vector<int64_t>(), (Ints{0, 0})) << n;
    EXPECT_EQ(bitwise_left_shift(x, counts).to_vector<int64_t>(), (Ints{0, 0})) << n;
  }
}

TEST(Pointwise, ClampKeepsNanOfBounds) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(clamp(ones({2}), nan, 3).isnan().all().item<bool>());
  EXPECT_TRUE(clamp(ones({2}), 0, full({2}, nan)).isnan().all().item<bool>());
}

TEST(Pointwise, IntegersAreCloseExactly) {
  // Beyond float32's 24 bits.
  const Tensor a = tensor<int64_t>({16777217}), b = tensor<int64_t>({16777216});
  EXPECT_FALSE(allclose(a, b, 0, 0.5));
  EXPECT_TRUE(allclose(a, b, 0, 1));
  EXPECT_TRUE(allclose(tensor<uint8_t>({3}), tensor<uint8_t>({5}), 0, 2));
}

}  // namespace
}  // namespace tessera
