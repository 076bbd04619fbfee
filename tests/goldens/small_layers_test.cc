// SPDX-License-Identifier: Apache-2.0
//
// Bilinear, pixel shuffles and distances against PyTorch; initial values, exactly where they are
// not random.
#include <cmath>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tessera/nn/nn.h"
#include "tessera/nn/orthonormal.h"
#include "tessera/tests/goldens/compiled.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

// `module` of the case's inputs: output, gradients and printed form.
template <class M, class... Inputs>
void check(M& module, const GoldenCase& golden, const Inputs&... inputs) {
  EXPECT_EQ(module.to_string(), golden.text("repr"));
  nn::StateDict parameters;
  for (const auto& [name, p] : module.named_parameters()) {
    parameters.set(name, golden.tensor(name));
  }
  ASSERT_TRUE(module.load_state_dict(parameters).ok());
  Tensor output = module(inputs...);
  expect_close(output, golden.tensor("output"));
  output.backward(golden.tensor("grad_output"));
  int i = 0;
  (expect_close(inputs.grad(), golden.tensor("grad" + std::to_string(i++))), ...);
  for (const auto& [name, p] : module.named_parameters()) {
    SCOPED_TRACE(name);
    expect_close(p.grad(), golden.tensor("grad_" + name));
  }
  std::vector<Tensor> leaves = module.parameters();
  (leaves.push_back(inputs), ...);
  expect_same_compiled([&] { return module(inputs...); }, leaves);
}

Tensor leaf(const GoldenCase& golden, const char* key) {
  return golden.tensor(key).clone().requires_grad_();
}

TEST(SmallLayerGoldens, Bilinear) {
  for (const GoldenCase& golden : load_goldens("small_layers", "Bilinear/")) {
    SCOPED_TRACE(golden.name);
    nn::Bilinear bilinear(golden.integer("n1", 0), golden.integer("n2", 0), golden.integer("o", 0),
                          {.bias = golden.flag("bias"), .dtype = kFloat64});
    check(bilinear, golden, leaf(golden, "in0"), leaf(golden, "in1"));
  }
}

TEST(SmallLayerGoldens, PixelShuffles) {
  for (const GoldenCase& golden : load_goldens("small_layers", "PixelShuffle/")) {
    SCOPED_TRACE(golden.name);
    nn::PixelShuffle shuffle(golden.integer("factor", 0));
    check(shuffle, golden, leaf(golden, "in0"));
  }
  for (const GoldenCase& golden : load_goldens("small_layers", "PixelUnshuffle/")) {
    SCOPED_TRACE(golden.name);
    nn::PixelUnshuffle unshuffle(golden.integer("factor", 0));
    check(unshuffle, golden, leaf(golden, "in0"));
  }
}

TEST(SmallLayerGoldens, Distances) {
  for (const GoldenCase& golden : load_goldens("small_layers", "CosineSimilarity/")) {
    SCOPED_TRACE(golden.name);
    nn::CosineSimilarity similarity(
        {.dim = golden.integer("dim", 1), .eps = golden.number("eps", 1e-8)});
    if (golden.has("grad0")) {
      check(similarity, golden, leaf(golden, "in0"), leaf(golden, "in1"));
    } else {
      expect_close(similarity(golden.tensor("in0"), golden.tensor("in1")), golden.tensor("output"));
    }
  }
  for (const GoldenCase& golden : load_goldens("small_layers", "PairwiseDistance/")) {
    SCOPED_TRACE(golden.name);
    nn::PairwiseDistance distance({.p = golden.number("p", 2),
                                   .eps = golden.number("eps", 1e-6),
                                   .keepdim = golden.flag("keepdim")});
    check(distance, golden, leaf(golden, "in0"), leaf(golden, "in1"));
  }
  for (const GoldenCase& golden : load_goldens("small_layers", "normalize/")) {
    SCOPED_TRACE(golden.name);
    Tensor x = leaf(golden, "in0");
    Tensor y = nn::functional::normalize(x, golden.number("p", 2), golden.integer("dim", 1),
                                         golden.number("eps", 1e-12));
    expect_close(y, golden.tensor("output"));
    y.backward(golden.tensor("grad_output"));
    // The row of zeros divides by 1e-12.
    expect_close(x.grad(), golden.tensor("grad0"), 1e-11);
  }
}

TEST(InitGoldens, EyeAndDirac) {
  for (const GoldenCase& golden : load_goldens("small_layers", "eye_/")) {
    SCOPED_TRACE(golden.name);
    expect_close(nn::init::eye_(rand(golden.tensor("x").shape())), golden.tensor("x"), 0);
  }
  for (const GoldenCase& golden : load_goldens("small_layers", "dirac_/")) {
    SCOPED_TRACE(golden.name);
    expect_close(nn::init::dirac_(rand(golden.tensor("x").shape()), golden.integer("groups", 1)),
                 golden.tensor("x"), 0);
  }
}

TEST(InitGoldens, OrthonormalColumns) {
  for (const GoldenCase& golden : load_goldens("small_layers", "qr/")) {
    SCOPED_TRACE(golden.name);
    const Tensor& matrix = golden.tensor("matrix");
    const std::vector<double> q =
        nn::orthonormal_columns(matrix.to_vector<double>(), matrix.size(0), matrix.size(1));
    // Both lose some digits where columns are nearly dependent.
    expect_close(tensor<double>(q, matrix.shape()), golden.tensor("q"), 1e-11);
  }
}

// Two samples of 200,000 draws: means and deviations differ by some 1 / 450 of a deviation.
TEST(InitGoldens, TruncatedNormal) {
  for (const GoldenCase& golden : load_goldens("small_layers", "trunc_normal_/")) {
    SCOPED_TRACE(golden.name);
    const double a = golden.number("a", 0), b = golden.number("b", 0);
    const Tensor x = nn::init::trunc_normal_(empty({200000}), golden.number("mean", 0),
                                             golden.number("std", 1), a, b);
    const double std = golden.tensor("std_of").item<double>();
    EXPECT_NEAR(x.mean().item<double>(), golden.tensor("mean_of").item<double>(), 0.01 * std);
    EXPECT_NEAR(x.std().item<double>(), std, 0.01 * std);
    EXPECT_GE(x.amin().item<double>(), a);
    EXPECT_LE(x.amax().item<double>(), b);
    EXPECT_NEAR(x.amin().item<double>(), golden.tensor("least").item<double>(), std);
    EXPECT_NEAR(x.amax().item<double>(), golden.tensor("greatest").item<double>(), std);
  }
}

TEST(InitGoldens, Gains) {
  const std::map<std::string, nn::init::Nonlinearity> kNonlinearities = {
      {"relu", nn::init::kReLU},       {"tanh", nn::init::kTanh},
      {"selu", nn::init::kSELU},       {"linear", nn::init::kLinear},
      {"sigmoid", nn::init::kSigmoid}, {"leaky_relu", nn::init::kLeakyReLU}};
  for (const GoldenCase& golden : load_goldens("small_layers", "gain/")) {
    EXPECT_DOUBLE_EQ(nn::init::calculate_gain(kNonlinearities.at(golden.text("nonlinearity")),
                                              golden.number("slope", 0.01)),
                     golden.tensor("gain").item<double>())
        << golden.name;
  }
}

}  // namespace
}  // namespace tessera::goldens
