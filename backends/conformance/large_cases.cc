// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/backends/conformance/case.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/samples.h"

namespace tessera::conformance {
namespace {

struct Large {
  const char* op;
  Sample sample;
};

Sample random(DType dtype) {
  return sample("Large", {}, {0x123456789abcdef, 1, static_cast<int64_t>(dtype), 100003});
}

Sample fixed(Sample s) {
  s.fixed_dtypes = true;
  s.differentiable = false;
  return s;
}

// Thousands of roundings one after another, all in one direction where the elements are equal.
Sample long_chain(Sample s) {
  s.tolerance = 30;
  return s;
}

// From -3 to 3 in row-major order, so that parts of what is reduced have means of their own.
SampleTensor drifting(const Shape& shape) {
  std::vector<double> values(shape.numel());
  for (size_t i = 0; i < values.size(); ++i) values[i] = 6.0 * i / values.size() - 3;
  return arg_values(shape, std::move(values));
}

// Sizes are primes, so that no split is even. Long sums are of positive numbers, so that their size
// says what their rounding errors may be.
std::vector<Large> large_samples() {
  // No two dims of a part of `twos` are one run.
  const Shape twos = {2, 2, 2, 2, 2, 2, 2, 2}, threes = {3, 3, 3, 3, 3, 3, 3, 3};
  const Shape line = {20011}, many_dims = {2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 1, 2};
  const Shape matrix = {131, 1021}, wide = {3, 40009}, tall = {40009, 3};
  const Shape image = {5, 8, 31, 29}, kernel = {11, 8, 3, 3}, convolved = {5, 11, 31, 29};
  const Attributes same = {1, 1, 1, 1, 1, 1, 1}, pool = {2, 2, 2, 2, 0, 0, 1, 1, 0};
  auto with_sizes = [&](int64_t h, int64_t w) {
    Attributes a = same;
    a.ints.push_back(h);
    a.ints.push_back(w);
    return a;
  };
  auto steps = [&](int n) {
    std::vector<SampleTensor> inputs;
    for (int k = 0; k < n; ++k) inputs.push_back(arg(matrix, 0.1, 1));
    return inputs;
  };
  return {
      {"copy", sample("Large", {arg(matrix)}, {static_cast<int64_t>(kFloat16)})},
      {"exp", sample("Large", {arg(matrix)})},
      {"add", sample("Large", {arg(matrix), arg(matrix)})},
      {"lt", sample("Large", {arg(matrix), arg(matrix)})},
      {"where", sample("Large", {arg(matrix, 0, 2, kBool), arg(matrix), arg(matrix)})},
      {"sum", sample("LargeAll", {arg(matrix, 0.1, 2)}, {0, 0, 1})},
      {"sum", sample("LargeRows", {arg(matrix, 0.1, 2)}, {0, 1})},
      {"sum", sample("LargeColumns", {arg(matrix, 0.1, 2)}, {0, 0})},
      {"sum", sample("LargeWide", {arg(wide, 0.1, 2)}, {0, 1})},
      {"sum", sample("LargeTall", {arg(tall, 0.1, 2)}, {0, 0})},
      {"sum", sample("LargeChannels", {arg({7, 5, 61, 67}, 0.1, 2)}, {0, 0, 2, 3})},
      {"sum", sample("LargeManyDims", {arg(many_dims, 0.1, 2)}, {0, 1, 3, 5, 7, 9, 11, 14})},
      {"prod", long_chain(sample("LargeLine", {arg(line, 0.999, 1.001)}, {0, 0}))},
      {"amax", sample("LargeAll", {arg(matrix)}, {0, 0, 1})},
      {"amin", sample("LargeColumns", {arg(matrix)}, {0, 0})},
      {"argmax", sample("LargeRows", {arg(matrix)}, {0, 1})},
      {"argmax", sample("LargeColumns", {arg(matrix)}, {0, 0})},
      {"argmax", sample("LargeLine", {arg({150001})}, {0, 0})},
      {"argmin", sample("LargeTall", {arg(tall)}, {0, 0})},
      {"cumsum", sample("LargeRows", {arg(matrix)}, {1})},
      {"cumsum", sample("LargeColumns", {arg(matrix)}, {0})},
      {"cumsum", sample("LargeLine", {arg(line, 0.1, 1)}, {0})},
      {"cumprod", long_chain(sample("LargeTall", {arg({5003, 3}, 0.999, 1.001)}, {0}))},
      {"sort", sample("LargeRows", {arg({37, 1021})}, {1, 0})},
      {"sort", sample("LargeLines", {arg({3, 5003})}, {1, 1})},
      {"sort", fixed(sample("LargeIntegers", {arg({5003}, -99, 99, kInt64)}, {0, 1}))},
      {"topk", sample("LargeRows", {arg({37, 1021})}, {5, 1, 1, 1})},
      {"topk", sample("LargeLine", {arg(line)}, {1501, 0, 0, 1})},
      {"topk", sample("LargeColumns", {arg({5003, 3})}, {7, 0, 1, 1})},
      {"gather", sample("LargeRows", {arg(matrix), arg_index({131, 517}, 1021)}, {1})},
      {"index_select", sample("LargeRows", {arg(matrix), arg_index({257}, 131)}, {0})},
      {"index_add",
       sample("LargeRows", {arg({37, 211}), arg_index({523}, 37), arg({523, 211})}, {0})},
      {"index_add",
       long_chain(
           sample("LargeTable", {arg({1009, 17}), arg_index({3001}, 1009), arg({3001, 17})}, {0}))},
      {"scatter",
       sample("LargeColumns", {arg({37, 31}), arg_index({523, 31}, 37), arg({523, 31})}, {0})},
      {"scatter_add",
       long_chain(sample("LargeLine", {arg({5003}), arg_index(line, 5003), arg(line)}, {0}))},
      {"scatter_add",
       sample("LargeColumns", {arg({37, 211}), arg_index({523, 211}, 37), arg({523, 211})}, {0})},
      {"gather", sample("LargeManyDims", {arg(threes), arg_index(twos, 3)}, {5})},
      {"scatter", sample("LargeManyDims", {arg(threes), arg_index(twos, 3), arg(twos)}, {1})},
      {"scatter_add", sample("LargeManyDims", {arg(threes), arg_index(twos, 3), arg(twos)}, {6})},
      {"pad", sample("LargeManyDims", {arg(twos), arg_values({}, {1.5})},
                     {1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1})},
      {"flip", sample("LargeManyDims", {arg(threes)}, {0, 2, 4, 6})},
      {"argmax", sample("LargeManyDims", {arg(threes)}, {0, 4})},
      {"cumsum", sample("LargeManyDims", {arg(threes)}, {3})},
      {"sort", sample("LargeManyDims", {arg(threes)}, {4, 1})},
      {"index_select", sample("LargeManyDims", {arg(threes), arg_index({5}, 3)}, {2})},
      {"index_add", sample("LargeManyDims",
                           {arg(threes), arg_index({5}, 3), arg({3, 3, 5, 3, 3, 3, 3, 3})}, {2})},
      {"cat", sample("LargeRows", {arg(matrix), arg({17, 1021})}, {0})},
      {"cat", sample("LargeColumns", {arg(matrix), arg({131, 7})}, {1})},
      {"pad", sample("Large", {arg(matrix), arg_values({}, {1.5})}, {1, 2, 3, -4})},
      {"flip", sample("Large", {arg(matrix)}, {0, 1})},
      {"fold_windows", sample("Large", {arg({3, 5, 29, 31, 3, 3})}, {2, 31, 33, 3, 3, 1, 1, 1, 1})},
      {"matmul", sample("Large", {arg({211, 307}), arg({307, 131})})},
      {"matmul", sample("LargeInner", {arg({5, 20011}, 0.1, 2), arg({20011, 3}, 0.1, 2)})},
      {"matmul", sample("LargeDepth", {arg({17, 20011}, 0.1, 2), arg({20011, 19}, 0.1, 2)})},
      {"matmul", sample("LargeBatch", {arg({37, 31, 29}), arg({37, 29, 23})})},
      {"linear", sample("Large", {arg({211, 307}), arg({131, 307}), arg({131})})},
      {"conv2d", sample("Large", {arg(image), arg(kernel), arg({11})}, same)},
      {"conv2d_backward_input", sample("Large", {arg(convolved), arg(kernel)}, with_sizes(31, 29))},
      {"conv2d_backward_weight", sample("Large", {arg(convolved), arg(image)}, with_sizes(3, 3))},
      {"conv2d",
       sample("LargeChannels", {arg({2, 5, 7, 11}), arg({67, 5, 3, 2}), arg({67})}, same)},
      {"conv2d_backward_input",
       sample("LargeChannels", {arg({2, 5, 7, 11}), arg({5, 67, 3, 3})}, with_sizes(7, 11))},
      {"conv2d_backward_weight",
       sample("LargeChannels", {arg({2, 67, 7, 11}), arg({2, 5, 7, 11})}, with_sizes(3, 3))},
      {"max_pool2d", sample("Large", {arg({5, 17, 32, 62})}, pool)},
      {"max_pool2d_backward", sample("Large", {arg({5, 17, 16, 31}), arg({5, 17, 32, 62})}, pool)},
      {"avg_pool2d", sample("Large", {arg({5, 17, 32, 62})}, {3, 3, 2, 2, 1, 1, 0, 1, 0})},
      {"softmax", sample("LargeRows", {arg({257, 509})}, {1})},
      {"softmax", sample("LargeColumns", {arg({257, 509})}, {0})},
      {"softmax", sample("LargeMiddle", {arg({7, 101, 41})}, {1})},
      {"softmax", sample("LargeWide", {arg(wide)}, {1})},
      {"softmax", fixed(sample("LargeWideDouble", {arg(wide, -2, 2, kFloat64)}, {1}))},
      {"log_softmax", sample("LargeRows", {arg({257, 509})}, {1})},
      {"log_softmax", sample("LargeTall", {arg(tall)}, {0})},
      {"softmax_backward", sample("LargeRows", {arg({257, 509}), arg({257, 509}, 0, 0.1)}, {1})},
      {"log_softmax_backward",
       sample("LargeRows", {arg({257, 509}), arg({257, 509}, -8, -4)}, {1})},
      {"scaled_dot_product_attention",
       sample("Large", {arg({2, 3, 131, 4}), arg({2, 3, 101, 4}), arg({2, 3, 101, 5})},
              {{0, 0, 0}, {0.5, 0}})},
      {"scaled_dot_product_attention",
       sample("LargeCausal", {arg({17, 131, 3}), arg({17, 131, 3}), arg({17, 131, 2})},
              {{1, 5, 9}, {0.5, 0.3}})},
      {"scaled_dot_product_attention",
       sample("LargeHeads", {arg({2, 67, 97}), arg({2, 71, 97}), arg({2, 71, 101})},
              {{0, 0, 0}, {0.05, 0}})},
      {"scaled_dot_product_attention_backward",
       sample("LargeHeads",
              {arg({2, 67, 101}), arg({2, 67, 97}), arg({2, 71, 97}), arg({2, 71, 101}),
               arg({2, 67, 101}), arg({2, 67}, 4, 6)},
              {{0, 0, 0}, {0.05, 0}})},
      {"scaled_dot_product_attention_backward",
       sample("Large",
              {arg({3, 131, 5}), arg({3, 131, 4}), arg({3, 101, 4}), arg({3, 101, 5}),
               arg({3, 131, 5}), arg({3, 131}, 4, 6)},
              {{0, 0, 0}, {0.5, 0}})},
      {"scaled_dot_product_attention_backward",
       sample("LargeBatch",
              {arg({17, 131, 2}), arg({17, 131, 3}), arg({17, 131, 3}), arg({17, 131, 2}),
               arg({17, 131, 2}), arg({17, 131}, 4, 6)},
              {{1, 5, 9}, {0.5, 0.3}})},
      {"layer_norm",
       sample("Large", {arg(matrix), arg({1021}, 0.5, 2), arg({1021})}, {{1, 1, 1}, {1e-5}})},
      {"layer_norm",
       sample("LargeWide", {arg(wide), arg({40009}, 0.5, 2), arg({40009})}, {{1, 1, 1}, {1e-5}})},
      {"layer_norm_backward", sample("LargeTall",
                                     {arg({1021, 17}, 0.1, 1), arg({1021, 17}, 0.1, 1),
                                      arg({17}, 0.5, 2), arg({1021}, -0.1, 0), arg({1021}, 0.7, 1)},
                                     {1, 1, 1})},
      {"layer_norm_backward", sample("Large",
                                     {arg(matrix), arg(matrix), arg({1021}, 0.5, 2),
                                      arg({131}, -0.1, 0.1), arg({131}, 0.7, 1)},
                                     {1, 1, 1})},
      {"rms_norm", sample("Large", {arg(matrix), arg({1021}, 0.5, 2)}, {{1, 1}, {1e-5}})},
      {"lstm",
       sample("Large",
              {arg({13 * 31, 148}), arg({148, 37}, -0.3, 0.3), arg({31, 37}), arg({31, 37})},
              {0, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31})},
      {"lstm",
       sample("LargeBatch",
              {arg({67 + 66 + 3, 76}), arg({76, 19}, -0.3, 0.3), arg({67, 19}), arg({67, 19})},
              {0, 67, 66, 3})},
      {"lstm_backward",
       sample("LargeBatch",
              {arg({67 + 66 + 3, 71}), arg({67, 71}), arg({67, 71}), arg({284, 71}, -0.3, 0.3),
               arg({67 + 66 + 3, 284}, 0.1, 0.9), arg({67 + 66 + 3, 71}), arg({67, 71})},
              {0, 67, 66, 3})},
      {"lstm_backward",
       sample("Large",
              {arg({13 * 31, 37}), arg({31, 37}), arg({31, 37}), arg({148, 37}, -0.3, 0.3),
               arg({13 * 31, 148}, 0.1, 0.9), arg({13 * 31, 37}), arg({31, 37})},
              {1, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31})},
      {"batch_norm",
       sample("LargeColumns", {arg(matrix), arg({1021}), arg({1021})}, {{1, 1}, {1e-5}})},
      {"batch_norm",
       sample("LargeImages", {arg({7, 5, 61, 67}), arg({5}), arg({5})}, {{1, 1}, {1e-5}})},
      {"batch_norm",
       sample("LargeDrift", {drifting({5, 3, 2111}), arg({3}), arg({3})}, {{1, 1}, {1e-5}})},
      {"batch_norm_backward", sample("LargeImages",
                                     {arg({7, 5, 61, 67}), arg({7, 5, 61, 67}), arg({5}),
                                      arg({5}, -0.1, 0.1), arg({5}, 1, 2)},
                                     {{1, 1}, {1e-5}})},
      {"cross_entropy", sample("Large", {arg({257, 509}), arg_index({257}, 509)}, {1, -100})},
      {"cross_entropy_backward",
       sample("Large", {arg({}), arg({257, 509}), arg_index({257}, 509), arg({257}, 6, 7)},
              {1, -100})},
      {"bce_with_logits", sample("Large", {arg(matrix), arg(matrix, 0, 1)}, {1})},
      {"bce_with_logits_backward", sample("Large", {arg({}), arg(matrix), arg(matrix, 0, 1)}, {1})},
      {"random_bits", random(kInt32)},
      {"random_uniform", random(kFloat32)},
      {"random_normal", random(kFloat32)},
      {"sgd_step", sample("Large", steps(3), {{1, 1, 1, 0, 0}, {0.1, 0.9, 0, 0.01}})},
      {"adam_step", sample("Large", steps(4), {{1, 0, 1, 0, 3}, {0.01, 0.9, 0.999, 1e-8, 0.1}})},
  };
}

}  // namespace

std::vector<Case> large_cases() {
  std::vector<Case> cases;
  for (Large& large : large_samples()) {
    const OpDef* op = find_op(large.op);
    if (op == nullptr) raise(absl::InternalError(absl::StrCat("large case of no op: ", large.op)));
    auto sample = std::make_shared<const Sample>(std::move(large.sample));
    for (Layout layout :
         {Layout::kDense, Layout::kTransposed, Layout::kOffset, Layout::kBroadcast}) {
      if (applies(*op, *sample, layout)) cases.push_back({op, sample, kFloat32, layout, true});
    }
  }
  return cases;
}

}  // namespace tessera::conformance
