// SPDX-License-Identifier: Apache-2.0
#include "tessera/tests/goldens/module_golden.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/capture/compile.h"
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

// The sum of the outputs, weighted as PyTorch's was.
Tensor loss_of(const GoldenCase& golden, const std::vector<Tensor>& outputs) {
  Tensor loss;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor g = golden.optional_tensor(absl::StrCat("g", i));
    if (!g.defined()) continue;
    const Tensor part = sum(outputs[i] * g);
    loss = loss.defined() ? loss + part : part;
  }
  return loss;
}

void check_outputs(const GoldenCase& golden, const std::vector<Tensor>& outputs, double tolerance) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    SCOPED_TRACE(absl::StrCat("output ", i));
    expect_close(outputs[i], golden.tensor(absl::StrCat("out", i)), tolerance);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_FALSE(golden.has(absl::StrCat("out", outputs.size()))) << "PyTorch gives more outputs";
}

// Gradients and the module's state.
void check_effects(const GoldenCase& golden, const nn::Module& module,
                   const std::vector<Tensor>& inputs, double tolerance) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].defined() && inputs[i].is_floating_point()) {
      check_gradient(golden, absl::StrCat("grad_in", i), inputs[i], tolerance);
    }
  }
  for (const auto& [name, p] : module.named_parameters()) {
    check_gradient(golden, "grad/" + name, p, tolerance);
  }
  const nn::StateDict before = golden.tensors.with_prefix("state/"),
                      after = golden.tensors.with_prefix("after/");
  for (const auto& [name, value] : module.state_dict()) {
    SCOPED_TRACE("state afterwards: " + name);
    expect_close(value, after.contains(name) ? after.at(name) : before.at(name), tolerance);
  }
}

// Forward and backward again, recorded and then run from the recording. A module that reads values
// while it computes is refused.
void check_compiled(const GoldenCase& golden, nn::Module& module, const std::vector<Tensor>& inputs,
                    const CallModule& call, double tolerance) {
  SCOPED_TRACE("compiled");
  auto step = compile([&] {
    module.zero_grad();
    for (Tensor x : inputs) {
      if (x.defined()) x.set_grad({});
    }
    std::vector<Tensor> outputs = call(inputs);
    loss_of(golden, outputs).backward();
    return outputs;
  });
  for (int run = 0; run < 3; ++run) {
    ASSERT_TRUE(module.load_state_dict(golden.tensors.with_prefix("state/")).ok());
    std::vector<Tensor> outputs;
    try {
      outputs = step();
    } catch (const Error& error) {
      EXPECT_NE(error.status().message().find("a compiled step must not read values"),
                std::string::npos)
          << error.status();
      return;
    }
    check_outputs(golden, outputs, tolerance);
    check_effects(golden, module, inputs, tolerance);
  }
  EXPECT_EQ(step.report_data().size(), 1u);
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
  check_outputs(golden, outputs, tolerance);
  if (testing::Test::HasFatalFailure()) return;
  Tensor loss = loss_of(golden, outputs);
  ASSERT_TRUE(loss.defined() && loss.requires_grad()) << "PyTorch gives a gradient";
  loss.backward();
  check_effects(golden, module, inputs, tolerance);
  check_compiled(golden, module, inputs, call, tolerance);
}

void check_module(const GoldenCase& golden, nn::Module& module, double tolerance) {
  check_module(
      golden, module,
      [&](const std::vector<Tensor>& inputs) { return std::vector<Tensor>{module(inputs[0])}; },
      tolerance);
}

}  // namespace tessera::goldens
