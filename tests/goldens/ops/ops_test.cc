// SPDX-License-Identifier: Apache-2.0
//
// Tensor ops against PyTorch: every case of ops.golden (made by ops.py), values and gradients.
#include "tessera/tensor/ops/ops.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"

namespace tessera {
namespace {

using In = const std::vector<Tensor>&;
using Out = std::vector<Tensor>;
using Function = std::function<Out(In)>;

Out pair(std::pair<Tensor, Tensor> p) { return {p.first, p.second}; }

#define TESSERA_CASE(name, ...)                      \
  {                                                  \
#name, [](In x) -> Out { return {__VA_ARGS__}; } \
  }
#define TESSERA_UNARY(name) TESSERA_CASE(name, name(x[0]))
#define TESSERA_UNARY_EXTREMES(name) TESSERA_UNARY(name), TESSERA_CASE(name##_extremes, name(x[0]))
#define TESSERA_BINARY(name) TESSERA_CASE(name, name(x[0], x[1]))
#define TESSERA_BINARY_BROADCAST(name) \
  TESSERA_BINARY(name), TESSERA_CASE(name##_broadcast, name(x[0], x[1]))
#define TESSERA_REDUCTION(name) \
  TESSERA_CASE(name##_dim, name(x[0], {1})), TESSERA_CASE(name##_keepdim, name(x[0], {0}, true))

// The functions of ops.py, in Tessera's words.
const std::map<std::string, Function>& functions() {
  static const auto* kFunctions = new std::map<std::string, Function>{
      TESSERA_UNARY_EXTREMES(neg),
      TESSERA_UNARY_EXTREMES(abs),
      TESSERA_UNARY_EXTREMES(sign),
      TESSERA_UNARY_EXTREMES(exp),
      TESSERA_UNARY_EXTREMES(exp2),
      TESSERA_UNARY_EXTREMES(expm1),
      TESSERA_UNARY_EXTREMES(sin),
      TESSERA_UNARY_EXTREMES(cos),
      TESSERA_UNARY_EXTREMES(tanh),
      TESSERA_UNARY_EXTREMES(erf),
      TESSERA_UNARY_EXTREMES(sigmoid),
      TESSERA_UNARY_EXTREMES(relu),
      TESSERA_UNARY_EXTREMES(square),
      TESSERA_UNARY_EXTREMES(atan),
      TESSERA_UNARY_EXTREMES(sinh),
      TESSERA_UNARY_EXTREMES(cosh),
      TESSERA_UNARY_EXTREMES(log),
      TESSERA_UNARY_EXTREMES(log2),
      TESSERA_UNARY_EXTREMES(log10),
      TESSERA_UNARY_EXTREMES(sqrt),
      TESSERA_UNARY_EXTREMES(rsqrt),
      TESSERA_UNARY_EXTREMES(reciprocal),
      TESSERA_UNARY_EXTREMES(log1p),
      TESSERA_UNARY(asin),
      TESSERA_UNARY(acos),
      TESSERA_UNARY(tan),
      TESSERA_UNARY(floor),
      TESSERA_UNARY(ceil),
      TESSERA_UNARY(round),
      TESSERA_UNARY(trunc),
      TESSERA_UNARY(silu),
      TESSERA_UNARY(gelu),
      TESSERA_UNARY(softplus),
      TESSERA_UNARY(logsigmoid),
      TESSERA_UNARY(gelu_tanh),
      TESSERA_BINARY_BROADCAST(add),
      TESSERA_BINARY_BROADCAST(sub),
      TESSERA_BINARY_BROADCAST(mul),
      TESSERA_BINARY_BROADCAST(div),
      TESSERA_BINARY_BROADCAST(maximum),
      TESSERA_BINARY_BROADCAST(minimum),
      TESSERA_BINARY_BROADCAST(atan2),
      TESSERA_CASE(maximum_ties, maximum(x[0], x[1])),
      TESSERA_BINARY(pow),
      TESSERA_CASE(pow_square_of_negative, pow(x[0], 2)),
      TESSERA_CASE(pow_zero, pow(x[0], x[1])),
      TESSERA_CASE(pow_ints, pow(x[0], x[1])),
      TESSERA_BINARY(remainder),
      TESSERA_CASE(remainder_ints, remainder(x[0], x[1])),
      TESSERA_BINARY(fmod),
      TESSERA_CASE(fmod_ints, fmod(x[0], x[1])),
      TESSERA_CASE(floor_divide_ints, floor_divide(x[0], x[1])),
      TESSERA_CASE(trunc_divide_ints, trunc_divide(x[0], x[1])),
      TESSERA_CASE(div_ints, x[0] / x[1]),
      TESSERA_CASE(add_int_float, x[0] + x[1]),
      TESSERA_CASE(add_uint8_int64, x[0] + x[1]),
      TESSERA_CASE(add_bool_bool, x[0] + x[1]),
      TESSERA_CASE(mul_half_number, x[0] * 1.5),
      TESSERA_BINARY(eq),
      TESSERA_BINARY(ne),
      TESSERA_BINARY(lt),
      TESSERA_BINARY(le),
      TESSERA_BINARY(gt),
      TESSERA_BINARY(ge),
      TESSERA_CASE(where, where(x[0], x[1], x[2])),
      TESSERA_CASE(masked_fill, x[0].masked_fill(x[1], -1.5)),
      TESSERA_CASE(clamp, x[0].clamp(-0.5, 1.0)),
      TESSERA_CASE(clamp_at_bounds, x[0].clamp(-0.5, 1.0)),
      TESSERA_CASE(clamp_min, x[0].clamp(0.25)),
      TESSERA_CASE(lerp, lerp(x[0], x[1], 0.3)),
      TESSERA_REDUCTION(sum),
      TESSERA_REDUCTION(mean),
      TESSERA_REDUCTION(prod),
      TESSERA_REDUCTION(amax),
      TESSERA_REDUCTION(amin),
      TESSERA_CASE(var_dim, var(x[0], {1})),
      TESSERA_CASE(var_keepdim, var(x[0], {0}, 1, true)),
      TESSERA_CASE(std_dim, x[0].std({1})),
      TESSERA_CASE(std_keepdim, x[0].std({0}, 1, true)),
      TESSERA_CASE(sum_all, sum(x[0])),
      TESSERA_CASE(mean_all, mean(x[0])),
      TESSERA_CASE(prod_all, prod(x[0])),
      TESSERA_CASE(var_all, var(x[0])),
      TESSERA_CASE(sum_dims, x[0].sum({0, 2})),
      TESSERA_CASE(sum_of_ints, sum(x[0])),
      TESSERA_CASE(sum_of_bools, sum(x[0])),
      TESSERA_CASE(sum_of_nothing, x[0].sum(1)),
      TESSERA_CASE(mean_of_nothing, x[0].mean(1)),
      TESSERA_CASE(prod_with_zero, x[0].prod(1)),
      TESSERA_CASE(amax_ties, x[0].amax(1)),
      TESSERA_CASE(amax_nan, x[0].amax(0)),
      {"max_dim", [](In x) { return pair(x[0].max(1)); }},
      {"min_dim", [](In x) { return pair(x[0].min(0)); }},
      {"max_ties", [](In x) { return pair(x[0].max(0)); }},
      TESSERA_CASE(argmax, x[0].argmax()),
      TESSERA_CASE(argmin_dim, x[0].argmin(1)),
      TESSERA_CASE(argmax_nan, x[0].argmax(0)),
      TESSERA_CASE(var_population, x[0].var({1}, 0)),
      TESSERA_CASE(logsumexp, x[0].logsumexp({1})),
      TESSERA_CASE(logsumexp_large, x[0].logsumexp({1})),
      TESSERA_CASE(norm, x[0].norm()),
      TESSERA_CASE(norm_of_zeros, x[0].norm()),
      TESSERA_CASE(any_dim, x[0].any({1})),
      TESSERA_CASE(all_dim, x[0].all({1})),
      TESSERA_CASE(cumsum, x[0].cumsum(1)),
      TESSERA_CASE(cumprod, x[0].cumprod(1)),
      TESSERA_CASE(cumprod_with_zero, x[0].cumprod(0)),
      {"sort", [](In x) { return pair(x[0].sort(1)); }},
      {"sort_descending_nan", [](In x) { return pair(x[0].sort(0, true)); }},
      {"topk", [](In x) { return pair(x[0].topk(3, 1)); }},
      {"topk_smallest", [](In x) { return pair(x[0].topk(2, 0, false)); }},
      TESSERA_CASE(permute, x[0].permute({2, 0, 1})),
      TESSERA_CASE(expand, x[0].expand({4, 3, -1})),
      TESSERA_CASE(select, x[0].select(1, -1)),
      TESSERA_CASE(slice_step, x[0].slice(0, 1, 10, 3)),
      TESSERA_CASE(cat, cat(x, 1)),
      TESSERA_CASE(stack, stack(x, 1)),
      TESSERA_CASE(pad, pad(x[0], {1, 2, -1, 3}, 0.5)),
      TESSERA_CASE(flip, x[0].flip({0, 2})),
      TESSERA_CASE(roll, roll(x[0], 2, 1)),
      TESSERA_CASE(repeat, x[0].repeat({2, 3, 2})),
      TESSERA_CASE(tensor_index, x[0].index({x[1], x[2]})),
      TESSERA_CASE(mask_index, x[0].index({x[1]})),
      TESSERA_CASE(gather, x[0].gather(1, x[1])),
      TESSERA_CASE(scatter_add, x[0].scatter_add(0, x[1], x[2])),
      TESSERA_CASE(index_select, x[0].index_select(1, x[1])),
      TESSERA_CASE(index_add, x[0].index_add(0, x[1], x[2])),
      TESSERA_CASE(one_hot, one_hot(x[0], 5)),
      TESSERA_BINARY(matmul),
      TESSERA_CASE(matmul_vector, matmul(x[0], x[1])),
      TESSERA_CASE(vector_matmul, matmul(x[0], x[1])),
      TESSERA_CASE(matmul_batch_broadcast, matmul(x[0], x[1])),
      TESSERA_CASE(matmul_empty, matmul(x[0], x[1])),
      TESSERA_CASE(linear, linear(x[0], x[1], x[2])),
      TESSERA_CASE(conv2d, conv2d(x[0], x[1], x[2], {.padding = 1})),
      TESSERA_CASE(conv2d_options,
                   conv2d(x[0], x[1], {},
                          {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2})),
      TESSERA_CASE(max_pool2d, max_pool2d(x[0], 2)),
      TESSERA_CASE(max_pool2d_options,
                   max_pool2d(x[0], 3, {.stride = 2, .padding = 1, .ceil_mode = true})),
      TESSERA_CASE(
          max_pool2d_dilated,
          max_pool2d(x[0], {2, 3}, {.stride = Pair{1, 2}, .padding = {1, 0}, .dilation = {2, 1}})),
      TESSERA_CASE(avg_pool2d, avg_pool2d(x[0], 3, {.stride = 2, .padding = 1})),
      TESSERA_CASE(
          avg_pool2d_ceil_no_pad,
          avg_pool2d(x[0], 3,
                     {.stride = 2, .padding = 1, .ceil_mode = true, .count_include_pad = false})),
      TESSERA_CASE(avg_pool2d_ceil_pad,
                   avg_pool2d(x[0], {3, 2}, {.stride = 2, .padding = {1, 0}, .ceil_mode = true})),
      TESSERA_CASE(softmax, x[0].softmax(1)),
      TESSERA_CASE(softmax_extremes, x[0].softmax(1)),
      TESSERA_CASE(log_softmax, x[0].log_softmax(0)),
      TESSERA_CASE(cross_entropy, cross_entropy(x[0], x[1])),
      TESSERA_CASE(cross_entropy_sum, cross_entropy(x[0], x[1], Reduction::kSum)),
      TESSERA_CASE(cross_entropy_ignored, cross_entropy(x[0], x[1])),
      TESSERA_CASE(cross_entropy_all_ignored, cross_entropy(x[0], x[1])),
      TESSERA_CASE(bce_with_logits, binary_cross_entropy_with_logits(x[0], x[1])),
      TESSERA_CASE(bce_with_logits_extremes,
                   binary_cross_entropy_with_logits(x[0], x[1], Reduction::kSum)),
  };
  return *kFunctions;
}

// ---- The file ----

struct Golden {
  std::string name;
  std::vector<Tensor> inputs, outputs;
  std::map<size_t, Tensor> grads;
};

// "[2,3] 1 2 3 4 5 6"
Tensor parse_tensor(std::istringstream& line, DType dtype) {
  std::string shape_text, word;
  line >> shape_text;
  Shape shape;
  for (auto size :
       absl::StrSplit(shape_text.substr(1, shape_text.size() - 2), ',', absl::SkipEmpty())) {
    int64_t n = -1;
    EXPECT_TRUE(absl::SimpleAtoi(size, &n)) << shape_text;
    shape.push_back(n);
  }
  std::vector<double> values;
  while (line >> word) {
    double value = 0;
    EXPECT_TRUE(absl::SimpleAtod(word, &value)) << word;
    values.push_back(value);
  }
  return tensor(values, shape, {.dtype = dtype});
}

std::vector<Golden> read_goldens() {
  std::ifstream file("tests/goldens/ops/ops.golden");
  EXPECT_TRUE(file.is_open());
  std::vector<Golden> goldens;
  for (std::string text; std::getline(file, text);) {
    std::istringstream line(text);
    std::string kind, word;
    line >> kind >> word;
    if (kind == "case") {
      goldens.push_back({.name = word});
    } else if (kind == "grad") {
      const size_t input = std::stoul(word);
      Golden& golden = goldens.back();
      golden.grads[input] = parse_tensor(line, golden.inputs[input].dtype());
    } else {
      auto& list = kind == "input" ? goldens.back().inputs : goldens.back().outputs;
      list.push_back(parse_tensor(line, dtype_from_name(word).value()));
    }
  }
  return goldens;
}

// float32 sums and series of the two libraries round differently: a few units in the last place.
void expect_close(const Tensor& actual, const Tensor& expected, const std::string& what) {
  ASSERT_EQ(actual.shape(), expected.shape()) << what;
  ASSERT_EQ(actual.dtype(), expected.dtype()) << what;
  const double rtol = actual.dtype() == kFloat16 ? 1e-3 : 1e-5;
  std::vector<double> a = actual.to_vector<double>(), e = expected.to_vector<double>();
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(e[i])) {
      EXPECT_TRUE(std::isnan(a[i])) << what << " element " << i << ": " << a[i] << ", PyTorch nan";
    } else if (std::isinf(e[i])) {
      EXPECT_EQ(a[i], e[i]) << what << " element " << i;
    } else {
      EXPECT_NEAR(a[i], e[i], 2e-6 + rtol * std::abs(e[i])) << what << " element " << i;
    }
  }
}

Tensor cotangent(const Tensor& y) {
  std::vector<double> g(static_cast<size_t>(y.numel()));
  for (size_t i = 0; i < g.size(); ++i) g[i] = (static_cast<double>(7 * i % 11) - 5) / 5;
  return tensor(g, y.shape(), {.dtype = y.dtype()});
}

class OpsGolden : public testing::TestWithParam<Golden> {};

TEST_P(OpsGolden, EqualsPyTorch) {
  const Golden& golden = GetParam();
  auto function = functions().find(golden.name);
  ASSERT_NE(function, functions().end()) << "no function for " << golden.name;
  std::vector<Tensor> inputs;
  for (const Tensor& x : golden.inputs) {
    inputs.push_back(x.clone());
    if (x.is_floating_point()) inputs.back().requires_grad_();
  }
  Out outputs = function->second(inputs);
  ASSERT_EQ(outputs.size(), golden.outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    expect_close(outputs[i], golden.outputs[i], absl::StrCat("output ", i));
  }
  if (golden.grads.empty()) return;
  outputs[0].backward(cotangent(outputs[0]));
  for (const auto& [i, expected] : golden.grads) {
    ASSERT_TRUE(inputs[i].grad().defined()) << "gradient of input " << i;
    expect_close(inputs[i].grad(), expected, absl::StrCat("gradient of input ", i));
  }
}

INSTANTIATE_TEST_SUITE_P(, OpsGolden, testing::ValuesIn(read_goldens()),
                         [](const auto& info) { return info.param.name; });

TEST(OpsGoldenFile, HasEveryFunction) {
  std::vector<Golden> goldens = read_goldens();
  EXPECT_EQ(goldens.size(), functions().size());
}

}  // namespace
}  // namespace tessera
