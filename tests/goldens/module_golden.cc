// SPDX-License-Identifier: Apache-2.0
#include "tessera/tests/goldens/module_golden.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/reduce.h"

namespace tessera::goldens {
namespace {

constexpr size_t kMaxInputs = 16;

std::vector<Tensor> inputs_of(const GoldenCase& golden) {
  std::vector<Tensor> inputs(kMaxInputs);
  size_t count = 0;
  for (size_t i = 0; i < kMaxInputs; ++i) {
    inputs[i] = golden.optional_tensor(absl::StrCat("in", i));
    if (!inputs[i].defined()) continue;
    inputs[i] = inputs[i].clone();
    if (inputs[i].is_floating_point()) inputs[i].requires_grad_();
    count = i + 1;
  }
  inputs.resize(count);
  return inputs;
}

void check_gradient(const GoldenCase& golden, const std::string& key, const Tensor& x,
                    double tolerance) {
  SCOPED_TRACE(key);
  if (golden.has(key)) {
    ASSERT_TRUE(x.grad().defined()) << "no gradient";
    expect_close(x.grad(), golden.tensor(key), tolerance);
  } else {
    EXPECT_FALSE(x.grad().defined()) << "PyTorch gives no gradient";
  }
}

}  // namespace

void check_module(const GoldenCase& golden, nn::Module& module, const CallModule& call,
                  double tolerance) {
  module.to(kFloat64).train(golden.flag("training", true));
  if (golden.has_option("repr")) {
    EXPECT_EQ(module.to_string(), golden.text("repr"));
  }
  const nn::StateDict before = golden.tensors.with_prefix("state/");
  EXPECT_EQ(module.state_dict().keys(), before.keys());
  const auto loaded = module.load_state_dict(before);
  ASSERT_TRUE(loaded.ok()) << loaded.status();

  const std::vector<Tensor> inputs = inputs_of(golden);
  const std::vector<Tensor> outputs = call(inputs);
  Tensor loss;
  for (size_t i = 0; i < outputs.size(); ++i) {
    SCOPED_TRACE(absl::StrCat("output ", i));
    expect_close(outputs[i], golden.tensor(absl::StrCat("out", i)), tolerance);
    if (testing::Test::HasFatalFailure()) return;
    const Tensor g = golden.optional_tensor(absl::StrCat("g", i));
    if (!g.defined()) continue;
    const Tensor part = sum(outputs[i] * g);
    loss = loss.defined() ? loss + part : part;
  }
  EXPECT_FALSE(golden.has(absl::StrCat("out", outputs.size()))) << "PyTorch gives more outputs";
  ASSERT_TRUE(loss.defined() && loss.requires_grad()) << "PyTorch gives a gradient";
  loss.backward();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].defined() && inputs[i].is_floating_point()) {
      check_gradient(golden, absl::StrCat("grad_in", i), inputs[i], tolerance);
    }
  }
  for (const auto& [name, p] : module.named_parameters()) {
    check_gradient(golden, "grad/" + name, p, tolerance);
  }
  const nn::StateDict after = golden.tensors.with_prefix("after/");
  for (const auto& [name, value] : module.state_dict()) {
    SCOPED_TRACE("state afterwards: " + name);
    expect_close(value, after.contains(name) ? after.at(name) : before.at(name), tolerance);
  }
}

void check_module(const GoldenCase& golden, nn::Module& module, double tolerance) {
  check_module(
      golden, module,
      [&](const std::vector<Tensor>& inputs) { return std::vector<Tensor>{module(inputs[0])}; },
      tolerance);
}

}  // namespace tessera::goldens
