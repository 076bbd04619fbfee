// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/gradcheck.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using testing::HasSubstr;

absl::Status infer_same(InferContext& c) {
  c.add_output(c.dtype(0), c.shape(0));
  return absl::OkStatus();
}

std::vector<Tensor> square_of(TensorRefs inputs, const Attributes&) {
  return {*inputs[0] * *inputs[0]};
}

// x^2 with a gradient that is right, with one that is wrong where x > 2, and with a right one whose
// own gradient is wrong (it cuts the tape).
const OpDef kSquare = {
    .name = "test_square",
    .infer = infer_same,
    .vjp = [](VjpContext& c) { c.set(0, c.grad() * c.input(0) * 2); },
    .decompose = square_of,
    .saved_inputs = 1,
};
const OpDef kWrongSquare = {
    .name = "test_wrong_square",
    .infer = infer_same,
    .vjp =
        [](VjpContext& c) {
          const Tensor& x = c.input(0);
          c.set(0, c.grad() * x * (x.gt(2).to(x.dtype()) + 2));
        },
    .decompose = square_of,
    .saved_inputs = 1,
};
const OpDef kCutSquare = {
    .name = "test_cut_square",
    .infer = infer_same,
    .vjp = [](VjpContext& c) { c.set(0, c.grad() * c.input(0).detach() * 2); },
    .decompose = square_of,
    .saved_inputs = 1,
};

Tensor square(const Tensor& x) { return dispatch(kSquare, {&x}); }
Tensor wrong_square(const Tensor& x) { return dispatch(kWrongSquare, {&x}); }
Tensor cut_square(const Tensor& x) { return dispatch(kCutSquare, {&x}); }

Tensor points() { return tensor<float>({0.5, -1, 1.5, -2.5, 2.25, 0.125}, {2, 3}); }

TEST(Gradcheck, AcceptsARightGradient) {
  EXPECT_EQ(gradcheck(square, points()), absl::OkStatus());
  EXPECT_EQ(gradgradcheck(square, points()), absl::OkStatus());
}

TEST(Gradcheck, NamesInputElementAndBothValuesOfAWrongGradient) {
  absl::Status status = gradcheck(wrong_square, points());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("1 of 6 gradients of input 0 ([2, 3]) are wrong, most so that of element "
                        "[1, 1]: analytic "));
  // The weighted gradient there is 3 x w in place of 2 x w.
  const std::string text(status.message());
  const double analytic = std::stod(text.substr(text.find("analytic ") + 9));
  const double numeric = std::stod(text.substr(text.find("numeric ") + 8));
  EXPECT_NEAR(analytic / numeric, 1.5, 1e-4);
}

TEST(Gradcheck, ChecksEveryInputAndOutput) {
  auto function = [](const std::vector<Tensor>& x) {
    return std::vector<Tensor>{x[0] * x[1], x[0] + wrong_square(x[1])};
  };
  EXPECT_EQ(gradcheck(function, {points(), points() - 1}), absl::OkStatus());
  EXPECT_THAT(std::string(gradcheck(function, {points(), points()}).message()),
              HasSubstr("of input 1 "));
}

TEST(Gradcheck, GivesOtherInputsAsTheyAre) {
  Tensor index = tensor<int64_t>({1, 0, 1});
  auto function = [](const std::vector<Tensor>& x) {
    return std::vector<Tensor>{x[0].index_select(0, x[1])};
  };
  EXPECT_EQ(gradcheck(function, {points(), index}), absl::OkStatus());
}

TEST(Gradcheck, SeesAGradientThatIsMissing) {
  auto function = [](const Tensor& x) { return x * x.detach(); };
  EXPECT_THAT(std::string(gradcheck(function, points()).message()),
              HasSubstr("6 of 6 gradients of input 0"));
}

TEST(Gradcheck, SeesAGradientThatIsNan) {
  auto function = [](const Tensor& x) { return (x * 0).sqrt() * x; };  // 0 * inf
  EXPECT_THAT(std::string(gradcheck(function, points()).message()), HasSubstr("analytic"));
}

TEST(Gradcheck, WantsSomethingToCheck) {
  auto to_bool = [](const Tensor& x) { return x.gt(0); };
  EXPECT_THAT(std::string(gradcheck(to_bool, points()).message()),
              HasSubstr("no floating point output"));
  auto to_float = [](const Tensor& x) { return x.to(kFloat32); };
  EXPECT_THAT(std::string(gradcheck(to_float, tensor<int64_t>({1})).message()),
              HasSubstr("no input is floating point"));
}

TEST(Gradcheck, LeavesItsInputsAlone) {
  Tensor x = points();
  ASSERT_EQ(gradcheck(square, x), absl::OkStatus());
  EXPECT_EQ(x.to_vector<float>(), points().to_vector<float>());
  EXPECT_FALSE(x.requires_grad());
}

TEST(Gradgradcheck, SeesAWrongGradientOfAGradient) {
  EXPECT_EQ(gradcheck(cut_square, points()), absl::OkStatus());
  EXPECT_THAT(std::string(gradgradcheck(cut_square, points()).message()),
              HasSubstr("6 of 6 gradients of input 0"));
}

TEST(Gradgradcheck, TakesSeveralInputsAndOutputs) {
  auto function = [](const std::vector<Tensor>& x) {
    return std::vector<Tensor>{x[0] * x[1].exp(), (x[0] * x[0]).sum(0)};
  };
  EXPECT_EQ(gradgradcheck(function, {points(), points() * 0.5}), absl::OkStatus());
}

}  // namespace
}  // namespace tessera
