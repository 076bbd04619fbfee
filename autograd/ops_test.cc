// SPDX-License-Identifier: Apache-2.0
//
// Gradients, and gradients of gradients, of every op in the table, through the tape. (The exam
// compares vjps, one at a time, between backends and with differences.)
#include "tessera/tensor/ops/ops.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/op_def.h"

namespace tessera {
namespace {

constexpr int64_t kMaxElements = 200;  // of all inputs; the op is run twice for each
constexpr size_t kMaxSamples = 8;      // of an op

// Distinct values in [low, high) of the sample.
Tensor make_input(const SampleTensor& sample, uint64_t seed) {
  if (!sample.defined) return {};
  const DType dtype = is_floating_point(sample.dtype) ? kFloat64 : sample.dtype;
  std::vector<double> values = sample.values;
  if (values.empty()) {
    values.resize(static_cast<size_t>(sample.shape.numel()));
    for (size_t i = 0; i < values.size(); ++i) {
      const double x = 0.6180339887498949 * static_cast<double>(i + 1) +
                       0.7548776662466927 * static_cast<double>(seed + 1);
      values[i] = sample.low + (sample.high - sample.low) * (x - std::floor(x));
      if (!is_floating_point(dtype)) values[i] = std::floor(values[i]);
    }
  }
  return tensor<double>(values, sample.shape, {.dtype = dtype});
}

int64_t count_elements(const Sample& sample) {
  int64_t elements = 0;
  for (const SampleTensor& input : sample.inputs) {
    if (input.defined) elements += input.shape.numel();
  }
  return elements;
}

bool is_usable(const Sample& sample) {
  bool has_floating = false;
  for (const SampleTensor& input : sample.inputs) {
    has_floating |= input.defined && input.dtype == kFloat32 && input.shape.numel() > 0;
    for (double value : input.values) {
      if (!std::isfinite(value)) return false;
    }
  }
  return sample.expected == absl::StatusCode::kOk && sample.differentiable && has_floating;
}

// The smallest ones of what the op is examined on.
std::vector<Sample> usable_samples(const OpDef& op) {
  std::vector<Sample> usable;
  if (op.samples == nullptr || op.vjp == nullptr || op.has(kUpdatesInputs)) return usable;
  for (Sample& sample : op.samples(op)) {
    if (is_usable(sample)) usable.push_back(std::move(sample));
  }
  std::stable_sort(usable.begin(), usable.end(), [](const Sample& a, const Sample& b) {
    return count_elements(a) < count_elements(b);
  });
  while (usable.size() > kMaxSamples ||
         (usable.size() > 1 && count_elements(usable.back()) > kMaxElements)) {
    usable.pop_back();
  }
  return usable;
}

// det's second gradient goes through the LU factors, which have none where the matrix is singular.
bool has_second_gradient(const OpDef& op, const Sample& sample) {
  return op.name != "linalg.det" || sample.name.find("Singular") == std::string::npos;
}

class OpGradients : public testing::TestWithParam<const OpDef*> {};

TEST_P(OpGradients, AgreeWithDifferences) {
  const OpDef& op = *GetParam();
  for (const Sample& sample : usable_samples(op)) {
    SCOPED_TRACE(sample.name);
    std::vector<Tensor> inputs;
    for (const SampleTensor& input : sample.inputs) {
      inputs.push_back(make_input(input, inputs.size()));
    }
    auto function = [&](const std::vector<Tensor>& x) {
      std::vector<Tensor> outputs = dispatch_all(op, refs(x), sample.attributes);
      for (size_t i = outputs.size(); i-- > 0;) {
        if ((op.auxiliary_outputs >> i & 1) == 0) continue;
        EXPECT_FALSE(outputs[i].requires_grad());
        outputs.erase(outputs.begin() + static_cast<std::ptrdiff_t>(i));
      }
      return outputs;
    };
    try {
      const absl::Status first = gradcheck(function, inputs);
      EXPECT_TRUE(first.ok()) << first.message();
      if (!has_second_gradient(op, sample)) continue;
      const absl::Status second = gradgradcheck(function, inputs, {.atol = 1e-4});
      EXPECT_TRUE(second.ok()) << "gradient of the gradient: " << second.message();
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

std::vector<const OpDef*> checked_ops() {
  std::vector<const OpDef*> ops;
  for (const OpDef* op : all_ops()) {
    if (!usable_samples(*op).empty()) ops.push_back(op);
  }
  return ops;
}

INSTANTIATE_TEST_SUITE_P(All, OpGradients, testing::ValuesIn(checked_ops()),
                         [](const testing::TestParamInfo<const OpDef*>& info) {
                           std::string name(info.param->name);  // "linalg.solve"
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(OpGradients, CoverTheTable) { EXPECT_GT(checked_ops().size(), 70u); }

}  // namespace
}  // namespace tessera
