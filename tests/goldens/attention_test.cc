// SPDX-License-Identifier: Apache-2.0
//
// scaled_dot_product_attention against PyTorch, its dropout against the composition, and half
// types.
#include "tessera/tensor/ops/attention.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

// exp of the backends is right to some ulps, not to the last.
constexpr double kTolerance = 1e-11;

ScaledDotProductAttentionOptions options_of(const GoldenCase& golden, const Tensor& mask) {
  ScaledDotProductAttentionOptions options = {.attn_mask = mask,
                                              .is_causal = golden.flag("is_causal"),
                                              .enable_gqa = golden.flag("enable_gqa")};
  if (golden.has_option("scale")) options.scale = golden.number("scale", 0);
  return options;
}

TEST(AttentionGoldens, OutputsGradientsAndTheirGradients) {
  for (const GoldenCase& golden : load_goldens("attention")) {
    SCOPED_TRACE(golden.name);
    std::vector<Tensor> inputs;
    for (const char* name : {"q", "k", "v"}) {
      inputs.push_back(golden.tensor(name).clone().requires_grad_());
    }
    Tensor mask = golden.optional_tensor("mask");
    std::vector<std::string> names = {"q", "k", "v"};
    if (mask.defined() && mask.is_floating_point()) {
      mask = mask.clone().requires_grad_();
      inputs.push_back(mask);
      names.push_back("mask");
    }
    Tensor y =
        scaled_dot_product_attention(inputs[0], inputs[1], inputs[2], options_of(golden, mask));
    expect_close(y, golden.tensor("y"), kTolerance);
    const bool twice = golden.has("second_q");
    std::vector<Tensor> grads =
        autograd::grad({y}, inputs, {golden.tensor("g")}, {.create_graph = twice});
    for (size_t i = 0; i < names.size(); ++i) {
      SCOPED_TRACE(names[i]);
      expect_close(grads[i], golden.tensor("grad_" + names[i]), kTolerance);
    }
    if (!twice) continue;
    Tensor squares = 0;
    for (const Tensor& grad : grads) squares = squares + grad.square().sum();
    std::vector<Tensor> seconds = autograd::grad({squares}, inputs);
    for (size_t i = 0; i < names.size(); ++i) {
      SCOPED_TRACE("second " + names[i]);
      expect_close(seconds[i], golden.tensor("second_" + names[i]), kTolerance);
    }
  }
}

struct Operands {
  Tensor q, k, v;
};

Operands random_operands(DType dtype) {
  manual_seed(3);
  auto draw = [&](const Shape& shape) { return randn(shape, {.dtype = dtype}).requires_grad_(); };
  return {draw({2, 3, 9, 4}), draw({2, 3, 11, 4}), draw({2, 3, 11, 5})};
}

// The same with dropout as a function of its own on the weights.
TEST(AttentionTest, DropoutIsThatOfTheDefaultGenerator) {
  const Operands a = random_operands(kFloat64);
  const Generator start = default_generator();
  Tensor y = scaled_dot_product_attention(a.q, a.k, a.v, {.dropout_p = 0.4, .is_causal = true});
  const Generator end = default_generator();
  set_default_generator(start);
  Tensor kept = rand({2, 3, 9, 11}) >= 0.4;
  EXPECT_EQ(default_generator().offset, end.offset);
  Tensor scores = matmul(a.q, transpose(a.k, -1, -2)) * 0.5;
  Tensor visible = arange(11) <= unsqueeze(arange(9), 1);
  Tensor weights = softmax(where(visible, scores, -INFINITY), -1) * kept.to(kFloat64) / 0.6;
  Tensor want = matmul(weights, a.v);
  expect_close(y, want, kTolerance);
  const Tensor g = randn(y.shape(), {.dtype = kFloat64});
  const std::vector<Tensor> got = autograd::grad({y}, {a.q, a.k, a.v}, {g});
  const std::vector<Tensor> expected = autograd::grad({want}, {a.q, a.k, a.v}, {g});
  for (size_t i = 0; i < got.size(); ++i) expect_close(got[i], expected[i], kTolerance);
}

TEST(AttentionTest, SecondGradientsWithDropoutAndAMask) {
  const Generator start = default_generator();
  const absl::Status status = gradgradcheck(
      [&](const std::vector<Tensor>& x) {
        set_default_generator(start);
        return std::vector<Tensor>{scaled_dot_product_attention(
            x[0], x[1], x[2], {.attn_mask = x[3], .dropout_p = 0.3, .scale = 0.7})};
      },
      {randn({2, 3, 3}), randn({2, 4, 3}), randn({2, 4, 2}), randn({3, 4})});
  EXPECT_TRUE(status.ok()) << status;
}

TEST(AttentionTest, HalfTypesRoundOnce) {
  for (DType dtype : {kFloat16, kBFloat16}) {
    const Operands a = random_operands(dtype);
    const Tensor mask = randn({9, 11});  // float32 beside a half type
    Tensor y = scaled_dot_product_attention(a.q, a.k, a.v, {.attn_mask = mask});
    EXPECT_EQ(y.dtype(), dtype);
    Tensor wide = scaled_dot_product_attention(a.q.to(kFloat64), a.k.to(kFloat64), a.v.to(kFloat64),
                                               {.attn_mask = mask.to(kFloat64)});
    // Half a unit in the last place, and float32's error where that decides the rounding.
    expect_close(y, wide, dtype == kFloat16 ? 0x1p-11 : 0x1p-8);
  }
}

std::string message_of(const ScaledDotProductAttentionOptions& options, const Tensor& q,
                       const Tensor& k, const Tensor& v) {
  try {
    scaled_dot_product_attention(q, k, v, options);
  } catch (const Error& error) {
    return std::string(error.status().message());
  }
  return "no error";
}

TEST(AttentionTest, ErrorsNameBothValues) {
  const Tensor q = zeros({2, 3, 4}), k = zeros({2, 5, 4}), v = zeros({2, 5, 2});
  EXPECT_EQ(message_of({}, q, zeros({2, 5, 3}), v),
            "scaled_dot_product_attention: query (.., L, E), key (.., S, E) and value (.., S, Ev) "
            "do not fit: query [2, 3, 4], key [2, 5, 3], value [2, 5, 2]");
  EXPECT_EQ(message_of({.attn_mask = zeros({3, 4})}, q, k, v),
            "scaled_dot_product_attention: attn_mask [3, 4] does not broadcast to the scores "
            "[2, 3, 5]");
  EXPECT_EQ(message_of({.attn_mask = zeros({4, 2, 3, 5})}, q, k, v),
            "scaled_dot_product_attention: attn_mask [4, 2, 3, 5] does not broadcast to the scores "
            "[2, 3, 5]");
  EXPECT_EQ(
      message_of({.attn_mask = zeros({3, 5}), .is_causal = true}, q, k, v),
      "scaled_dot_product_attention: attn_mask and is_causal are given; put both in the mask");
  EXPECT_EQ(message_of({.dropout_p = -0.5}, q, k, v),
            "scaled_dot_product_attention: dropout_p is -0.5, not in [0, 1]");
  EXPECT_EQ(message_of({.enable_gqa = true}, zeros({3, 3, 4}), k, v),
            "scaled_dot_product_attention: enable_gqa wants equal heads of key and value that "
            "divide the query's, got 2, 2 and 3");
}

}  // namespace
}  // namespace tessera::goldens
