// SPDX-License-Identifier: Apache-2.0
#include "tessera/tests/goldens/op_golden.h"

#include <set>

#include "gtest/gtest.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::goldens {
namespace {

std::string indexed(const char* name, size_t i) { return name + std::to_string(i); }

void check(const Op& op, const GoldenCase& golden) {
  // float32 results: integers converted to float32 first, and functions of those, to some ulps.
  const DType dtype = golden.tensor("out0").dtype();
  const double tolerance = golden.number("tolerance", dtype == kFloat64   ? 1e-12
                                                      : dtype == kFloat32 ? 1e-6
                                                                          : 0);
  std::vector<Tensor> inputs;
  while (golden.has(indexed("in", inputs.size()))) {
    inputs.push_back(golden.tensor(indexed("in", inputs.size())).clone());
    if (golden.has(indexed("grad", inputs.size() - 1))) inputs.back().requires_grad_();
  }
  const std::vector<Tensor> outputs = op(golden, inputs);
  EXPECT_FALSE(golden.has(indexed("out", outputs.size()))) << "PyTorch gives more outputs";
  Tensor total;
  for (size_t i = 0; i < outputs.size(); ++i) {
    SCOPED_TRACE(indexed("output ", i));
    const Tensor& expected = golden.tensor(indexed("out", i));
    EXPECT_EQ(outputs[i].dtype(), expected.dtype())
        << dtype_name(outputs[i].dtype()) << ", PyTorch gives " << dtype_name(expected.dtype());
    expect_close(outputs[i], expected, tolerance);
    const Tensor g = golden.optional_tensor(indexed("g", i));
    if (!g.defined()) continue;
    Tensor part = (outputs[i] * g).sum();
    total = total.defined() ? total + part : part;
  }
  if (!total.defined() || !total.requires_grad()) {
    EXPECT_FALSE(golden.has("grad0")) << "PyTorch gives a gradient";
    return;
  }
  total.backward();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!golden.has(indexed("grad", i))) continue;
    SCOPED_TRACE(indexed("gradient of input ", i));
    const Tensor& expected = golden.tensor(indexed("grad", i));
    // Where the result does not depend on an input PyTorch may give zeros, and autograd nothing.
    const Tensor actual = inputs[i].grad().defined() ? inputs[i].grad() : zeros_like(expected);
    expect_close(actual, expected, tolerance);
  }
}

}  // namespace

Op unary(Tensor (*f)(const Tensor&)) {
  return [f](const GoldenCase&, const std::vector<Tensor>& in) {
    return std::vector<Tensor>{f(in[0])};
  };
}

Op binary(Tensor (*f)(const Tensor&, const Tensor&)) {
  return [f](const GoldenCase&, const std::vector<Tensor>& in) {
    return std::vector<Tensor>{f(in[0], in[1])};
  };
}

std::optional<double> optional_number(const GoldenCase& golden, const std::string& key) {
  if (!golden.has_option(key)) return std::nullopt;
  return golden.number(key, 0);
}

void check_ops(const std::string& file, const std::map<std::string, Op>& ops) {
  std::set<std::string> seen;
  for (const GoldenCase& golden : load_goldens(file)) {
    if (!golden.has_option("op")) continue;
    SCOPED_TRACE(golden.name);
    ASSERT_TRUE(ops.count(golden.text("op"))) << "no function for " << golden.text("op");
    seen.insert(golden.text("op"));
    check(ops.at(golden.text("op")), golden);
  }
  for (const auto& [name, op] : ops) EXPECT_TRUE(seen.count(name)) << "no golden for " << name;
}

}  // namespace tessera::goldens
