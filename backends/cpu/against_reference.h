// SPDX-License-Identifier: Apache-2.0
//
// Runs a node on this backend, on one thread and on three, and on the reference, and compares.
#ifndef TESSERA_BACKENDS_CPU_AGAINST_REFERENCE_H_
#define TESSERA_BACKENDS_CPU_AGAINST_REFERENCE_H_

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/cpu/test_node.h"

extern "C" const TsrPlugin tessera_plugin_reference;

namespace tessera::cpu {

struct TestNode {
  std::string op;
  std::vector<TestTensor> inputs;
  std::vector<std::pair<uint32_t, Shape>> outputs;  // dtype and shape
  std::vector<int64_t> ints;
  std::vector<double> doubles;
};

class AgainstReference {
 public:
  // Outputs agree within `tolerance` times (1 + the largest magnitude of the output), and, on this
  // backend, bit for bit for any number of threads.
  void check(const TestNode& node, double tolerance = 1e-6) {
    SCOPED_TRACE(describe(node));
    const std::vector<TestTensor> expected = make_outputs(node);
    const std::vector<TestTensor> one = make_outputs(node);
    const std::vector<TestTensor> three = make_outputs(node);
    ASSERT_EQ(reference_.run(node.op.c_str(), node.inputs, expected, node.ints, node.doubles),
              TSR_OK)
        << reference_.message();
    ASSERT_EQ(one_.run(node.op.c_str(), node.inputs, one, node.ints, node.doubles), TSR_OK)
        << one_.message();
    ASSERT_EQ(three_.run(node.op.c_str(), node.inputs, three, node.ints, node.doubles), TSR_OK)
        << three_.message();
    for (size_t i = 0; i < expected.size(); ++i) {
      // The bytes behind the last element are compared too.
      ASSERT_EQ(one[i].bytes(), three[i].bytes()) << "output " << i << " depends on threads";
      const size_t used = expected[i].count() * item_size(expected[i].dtype());
      for (size_t k = used; k < one[i].bytes().size(); ++k) {
        ASSERT_EQ(one[i].bytes()[k], '\x5A') << "output " << i << " is overrun";
      }
      const std::vector<double> want = expected[i].values();
      const std::vector<double> got = one[i].values();
      double scale = 1;
      for (double v : want) {
        if (std::isfinite(v)) scale = std::max(scale, std::fabs(v));
      }
      double epsilon = tolerance;
      if (expected[i].dtype() == TSR_FLOAT16) epsilon = std::max(epsilon, 0x1p-10);
      if (expected[i].dtype() == TSR_BFLOAT16) epsilon = std::max(epsilon, 0x1p-7);
      for (size_t k = 0; k < want.size(); ++k) {
        if (std::isnan(want[k]) || std::isinf(want[k])) {
          ASSERT_TRUE(got[k] == want[k] || (std::isnan(got[k]) && std::isnan(want[k])))
              << "output " << i << " [" << k << "] is " << got[k] << ", should be " << want[k];
        } else if (is_floating(expected[i].dtype())) {
          ASSERT_NEAR(got[k], want[k], epsilon * scale) << "output " << i << " [" << k << "]";
        } else {
          ASSERT_EQ(got[k], want[k]) << "output " << i << " [" << k << "]";
        }
      }
    }
  }

 private:
  static std::vector<TestTensor> make_outputs(const TestNode& node) {
    std::vector<TestTensor> outputs;
    for (const auto& [dtype, shape] : node.outputs) outputs.emplace_back(dtype, shape);
    return outputs;
  }
  static std::string describe(const TestNode& node) {
    std::string text = node.op;
    const auto add = [&](uint32_t dtype, const Shape& shape) {
      text += std::string(" ") + dtype_name(dtype) + "[";
      for (int64_t extent : shape) text += std::to_string(extent) + " ";
      text += "]";
    };
    for (const TestTensor& t : node.inputs) add(t.dtype(), t.shape());
    text += " ->";
    for (const auto& [dtype, shape] : node.outputs) add(dtype, shape);
    for (int64_t value : node.ints) text += " " + std::to_string(value);
    return text;
  }

  TestBackend reference_{1, tessera_plugin_reference};
  TestBackend one_{1};
  TestBackend three_{3};
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_AGAINST_REFERENCE_H_
