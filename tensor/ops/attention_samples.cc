// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/attention_samples.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/ops/samples.h"

namespace tessera {
namespace {

struct Sizes {
  Shape batch;
  int64_t l, s, e, ev;

  Shape of(int64_t rows, int64_t columns) const {
    Shape shape = batch;
    shape.push_back(rows);
    shape.push_back(columns);
    return shape;
  }
  Shape rows() const {
    Shape shape = batch;
    shape.push_back(l);
    return shape;
  }
};

struct AttentionCase {
  std::string name;
  Sizes sizes;
  Attributes attributes;
  SampleTensor mask = arg_none();
};

// ints: is_causal, seed, offset; doubles: scale, dropout_p
Attributes plain(double scale) { return {{0, 0, 0}, {scale, 0}}; }
Attributes causal(double scale) { return {{1, 0, 0}, {scale, 0}}; }
Attributes dropout(double p, bool is_causal = false) {
  return {{is_causal ? 1 : 0, 0x123456789, 7}, {0.5, p}};
}

// Rows of -inf among others.
SampleTensor dead_rows() {
  const double low = -std::numeric_limits<double>::infinity();
  return arg_values({3, 4}, {low, low, low, low, 0.5, low, -1, 2, 0, 0, 0, low});
}

std::vector<AttentionCase> cases() {
  return {{"Heads", {{2, 3}, 7, 5, 4, 4}, plain(0.5)},
          {"Matrices", {{}, 5, 7, 3, 2}, plain(0.6)},
          {"OneQuery", {{3}, 1, 17, 8, 9}, plain(0.35)},
          {"Tile65By97", {{2}, 65, 97, 5, 3}, plain(0.4)},
          {"NegativeScale", {{2}, 3, 5, 4, 4}, plain(-0.3)},
          {"Causal", {{2}, 7, 7, 4, 5}, causal(0.5)},
          {"CausalFewKeys", {{2}, 9, 5, 4, 4}, causal(0.5)},
          {"CausalManyKeys", {{2}, 5, 11, 4, 4}, causal(0.5)},
          {"CausalTiles", {{1}, 131, 101, 3, 4}, causal(0.5)},
          {"BoolMask", {{2}, 7, 11, 4, 4}, plain(0.5), arg({2, 7, 11}, 0, 2, kBool)},
          {"AddedMask", {{2, 2}, 5, 7, 4, 3}, plain(0.5), arg({2, 2, 5, 7})},
          {"DeadRows", {{}, 3, 4, 5, 5}, plain(0.4), dead_rows()},
          {"Dropout", {{2}, 7, 9, 4, 4}, dropout(0.3)},
          {"DropoutCausal", {{3}, 5, 5, 4, 4}, dropout(0.5, true)},
          {"DropoutAll", {{1}, 3, 5, 4, 4}, dropout(1)},
          {"NoKeys", {{2}, 3, 0, 4, 4}, plain(0.5)},
          {"NoQueries", {{2}, 0, 3, 4, 4}, plain(0.5)},
          {"NoFeatures", {{2}, 3, 5, 0, 4}, plain(1)},
          {"NoBatch", {{0, 2}, 3, 5, 4, 4}, plain(0.5)}};
}

SampleTensor of_dtype(SampleTensor t, DType dtype) {
  if (t.defined && t.dtype == kFloat32) t.dtype = dtype;
  return t;
}

}  // namespace

std::vector<Sample> attention_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (const AttentionCase& c : cases()) {
    const Sizes& n = c.sizes;
    std::vector<SampleTensor> inputs = {arg(n.of(n.l, n.e)), arg(n.of(n.s, n.e)),
                                        arg(n.of(n.s, n.ev))};
    if (c.mask.defined) inputs.push_back(c.mask);
    samples.push_back(sample(c.name, std::move(inputs), c.attributes));
  }
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Sample extremes = sample(
      "Extremes", {arg_values({4, 2}, {100, -100, nan, 0, 0, 0, inf, 1}), arg({3, 2}), arg({3, 2})},
      plain(1));
  extremes.differentiable = false;
  samples.push_back(extremes);
  const SampleTensor q = arg({3, 4}), k = arg({5, 4}), v = arg({5, 2});
  auto refused = [&](const char* name, std::vector<SampleTensor> inputs, const Attributes& a) {
    samples.push_back(error_sample(name, std::move(inputs), a));
  };
  refused("Features", {q, arg({5, 3}), v}, plain(1));
  refused("Keys", {q, k, arg({4, 2})}, plain(1));
  refused("Batch", {arg({2, 3, 4}), arg({3, 5, 4}), arg({2, 5, 2})}, plain(1));
  refused("Ranks", {arg({2, 3, 4}), k, v}, plain(1));
  refused("Vectors", {arg({4}), arg({4}), arg({4})}, plain(1));
  refused("Integers", {arg({3, 4}, 0, 9, kInt64), arg({5, 4}, 0, 9, kInt64), v}, plain(1));
  refused("MaskShape", {q, k, v, arg({3, 4})}, plain(1));
  refused("MaskDtype", {q, k, v, arg({3, 5}, 0, 2, kInt64)}, plain(1));
  refused("MaskAndCausal", {q, k, v, arg({3, 5})}, causal(1));
  refused("DropoutAbove1", {q, k, v}, dropout(1.5));
  return samples;
}

// g, q, k, v, y, lse, [mask], where y and lse may be any numbers.
std::vector<Sample> attention_backward_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (const AttentionCase& c : cases()) {
    for (DType dtype : {kFloat32, kFloat64, kFloat16, kBFloat16}) {
      const Sizes& n = c.sizes;
      const Shape y = n.of(n.l, n.ev);
      std::vector<SampleTensor> inputs = {arg(y), arg(n.of(n.l, n.e)), arg(n.of(n.s, n.e)),
                                          arg(n.of(n.s, n.ev)), arg(y)};
      if (c.mask.defined) inputs.push_back(c.mask);
      for (SampleTensor& t : inputs) t = of_dtype(t, dtype);
      inputs.insert(inputs.begin() + 5,
                    arg(n.rows(), 2, 4, dtype == kFloat64 ? kFloat64 : kFloat32));
      Sample s = sample(absl::StrCat(c.name, dtype == kFloat32 ? "" : dtype_name(dtype)),
                        std::move(inputs), c.attributes);
      s.differentiable = false;  // y and lse are no free inputs
      s.fixed_dtypes = true;
      samples.push_back(std::move(s));
    }
  }
  const SampleTensor g = arg({3, 2}), q = arg({3, 4}), k = arg({5, 4}), v = arg({5, 2});
  samples.push_back(error_sample("GradientShape", {arg({3, 3}), q, k, v, g, arg({3})}, plain(1)));
  samples.push_back(error_sample("LogsumexpShape", {g, q, k, v, g, arg({4})}, plain(1)));
  return samples;
}

}  // namespace tessera
