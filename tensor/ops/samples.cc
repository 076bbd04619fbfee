// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/samples.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace tessera {
namespace {

std::vector<double> extremes() {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return {0.0, -0.0, 1, -1, 0.5, -0.5, 100, -100, 1e-30, inf, -inf, nan};
}

}  // namespace

SampleTensor arg(const Shape& shape, double low, double high, DType dtype) {
  return {.shape = shape, .dtype = dtype, .low = low, .high = high};
}
SampleTensor arg_values(const Shape& shape, std::vector<double> values, DType dtype) {
  return {.shape = shape, .dtype = dtype, .values = std::move(values)};
}
SampleTensor arg_index(const Shape& shape, int64_t size) {
  return {.shape = shape, .dtype = kInt64, .low = 0, .high = static_cast<double>(size)};
}
SampleTensor arg_none() { return {.defined = false}; }

Sample sample(std::string_view name, std::vector<SampleTensor> inputs,
              const Attributes& attributes) {
  return {.name = std::string(name), .inputs = std::move(inputs), .attributes = attributes};
}
Sample error_sample(std::string_view name, std::vector<SampleTensor> inputs,
                    const Attributes& attributes, absl::StatusCode code) {
  return {.name = std::string(name),
          .inputs = std::move(inputs),
          .attributes = attributes,
          .expected = code,
          .fixed_dtypes = true};
}

std::vector<Sample> elementwise_samples(int arity, double low, double high, double low2,
                                        double high2) {
  const std::pair<const char*, Shape> kShapes[] = {
      {"Rank0", {}},       {"One", {1}},         {"Vector7", {7}},         {"Vector65", {65}},
      {"Matrix", {5, 13}}, {"Rank3", {3, 5, 7}}, {"Rank4", {2, 3, 5, 17}}, {"Empty", {3, 0, 2}},
  };
  std::vector<Sample> samples;
  for (const auto& [name, shape] : kShapes) {
    Sample s = sample(name, {arg(shape, low, high)});
    if (arity == 2) s.inputs.push_back(arg(shape, low2, high2));
    samples.push_back(std::move(s));
  }
  std::vector<double> x = extremes(), first, second;
  if (arity == 1) {
    first = x;
  } else {
    for (double a : x) {
      for (double b : x) {
        first.push_back(a);
        second.push_back(b);
      }
    }
  }
  const int64_t n = static_cast<int64_t>(first.size());
  Sample s = sample("Extremes", {arg_values({n}, first)});
  if (arity == 2) s.inputs.push_back(arg_values({n}, second));
  s.differentiable = false;
  samples.push_back(std::move(s));
  return samples;
}

std::vector<Sample> with_integer_samples(std::vector<Sample> samples, int arity, double low2) {
  for (DType dtype : {kInt32, kInt64, kUInt8}) {
    const bool is_unsigned = dtype == kUInt8;
    Sample s = sample(absl::StrCat("Vector33", std::string(dtype_name(dtype))),
                      {arg({33}, is_unsigned ? 0 : -9, 9, dtype)});
    if (arity == 2) {
      s.inputs.push_back(arg({33}, is_unsigned && low2 < 0 ? 0 : low2, 5, dtype));
    }
    s.differentiable = false;
    s.fixed_dtypes = true;
    samples.push_back(std::move(s));
  }
  return samples;
}

std::vector<Sample> bool_samples(int arity) {
  Sample s = sample("Vector19", {});
  for (int i = 0; i < arity; ++i) s.inputs.push_back(arg({19}, 0, 2, kBool));
  s.differentiable = false;
  s.fixed_dtypes = true;
  return {s};
}

}  // namespace tessera
