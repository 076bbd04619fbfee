// SPDX-License-Identifier: Apache-2.0
//
// Activation layers against PyTorch: outputs, gradients, kinks, extremes, printed forms.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tessera/nn/nn.h"
#include "tessera/tests/goldens/compiled.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

using MakeLayer = std::function<std::unique_ptr<nn::Module>(const GoldenCase&)>;

template <class M>
std::unique_ptr<nn::Module> layer(M module) {
  return std::make_unique<M>(std::move(module));
}

template <class M>
MakeLayer plain() {
  return [](const GoldenCase&) { return layer(M()); };
}

template <class M>
MakeLayer with_number(const char* key, double fallback) {
  return [=](const GoldenCase& g) { return layer(M(g.number(key, fallback))); };
}

template <class M>
MakeLayer along_dim() {
  return [](const GoldenCase& g) { return layer(M(g.integer("dim", -1))); };
}

const std::map<std::string, MakeLayer>& makers() {
  static const auto* const table = new std::map<std::string, MakeLayer>{
      {"ReLU", plain<nn::ReLU>()},
      {"ReLU6", plain<nn::ReLU6>()},
      {"Sigmoid", plain<nn::Sigmoid>()},
      {"Tanh", plain<nn::Tanh>()},
      {"SiLU", plain<nn::SiLU>()},
      {"Mish", plain<nn::Mish>()},
      {"SELU", plain<nn::SELU>()},
      {"Hardsigmoid", plain<nn::Hardsigmoid>()},
      {"Hardswish", plain<nn::Hardswish>()},
      {"LogSigmoid", plain<nn::LogSigmoid>()},
      {"Softsign", plain<nn::Softsign>()},
      {"Tanhshrink", plain<nn::Tanhshrink>()},
      {"LeakyReLU", with_number<nn::LeakyReLU>("negative_slope", 0.01)},
      {"ELU", with_number<nn::ELU>("alpha", 1)},
      {"CELU", with_number<nn::CELU>("alpha", 1)},
      {"Hardshrink", with_number<nn::Hardshrink>("lambd", 0.5)},
      {"Softshrink", with_number<nn::Softshrink>("lambd", 0.5)},
      {"Softmax", along_dim<nn::Softmax>()},
      {"LogSoftmax", along_dim<nn::LogSoftmax>()},
      {"Softmin", along_dim<nn::Softmin>()},
      {"GLU", along_dim<nn::GLU>()},
      {"Softmax2d", [](const GoldenCase&) { return layer(nn::Softmax2d()); }},
      {"RReLU",
       [](const GoldenCase& g) {
         nn::RReLU rrelu(g.number("lower", 1.0 / 8), g.number("upper", 1.0 / 3));
         rrelu.eval();
         return layer(std::move(rrelu));
       }},
      {"ChannelShuffle",
       [](const GoldenCase& g) { return layer(nn::ChannelShuffle(g.integer("groups", 1))); }},
      {"GELU",
       [](const GoldenCase& g) {
         return layer(nn::GELU({.approximate = g.text("approximate") == "tanh"
                                                   ? nn::GELUApproximation::kTanh
                                                   : nn::GELUApproximation::kNone}));
       }},
      {"Hardtanh",
       [](const GoldenCase& g) {
         return layer(nn::Hardtanh(g.number("min_val", -1), g.number("max_val", 1)));
       }},
      {"Threshold",
       [](const GoldenCase& g) {
         return layer(nn::Threshold(g.number("threshold", 0), g.number("value", 0)));
       }},
      {"Softplus",
       [](const GoldenCase& g) {
         return layer(nn::Softplus(g.number("beta", 1), g.number("threshold", 20)));
       }},
      {"PReLU",
       [](const GoldenCase& g) {
         return layer(nn::PReLU(g.integer("num_parameters", 1),
                                {.init = g.number("init", 0.25), .dtype = kFloat64}));
       }},
  };
  return *table;
}

TEST(ActivationGoldens, OutputsGradientsAndRepresentations) {
  std::set<std::string> seen;
  for (const GoldenCase& golden : load_goldens("activations")) {
    SCOPED_TRACE(golden.name);
    const std::string name = golden.name.substr(0, golden.name.find('/'));
    ASSERT_TRUE(makers().count(name)) << "no layer for " << name;
    seen.insert(name);
    std::unique_ptr<nn::Module> module = makers().at(name)(golden);
    EXPECT_EQ(module->to_string(), golden.text("repr"));
    if (golden.has("weight") && golden.has_option("num_parameters")) {
      ASSERT_TRUE(module->load_state_dict({{"weight", golden.tensor("weight")}}).ok());
    }
    Tensor input = golden.tensor("input").clone();
    if (golden.has("grad_input")) input.requires_grad_();
    Tensor output = (*module)(input);
    EXPECT_EQ(output.dtype(), golden.tensor("output").dtype());
    // Functions of the backends are right to some units in the last place.
    const double tolerance = output.dtype() == kFloat32 ? 1e-6 : 1e-11;
    expect_close(output, golden.tensor("output"), tolerance);
    if (!golden.has("grad_input")) continue;
    output.backward(golden.tensor("grad_output"));
    expect_close(input.grad(), golden.tensor("grad_input"), tolerance);
    for (const auto& [key, p] : module->named_parameters()) {
      SCOPED_TRACE(key);
      expect_close(p.grad(), golden.tensor("grad_" + key), tolerance);
    }
    std::vector<Tensor> leaves = module->parameters();
    leaves.push_back(input);
    expect_same_compiled([&] { return (*module)(input); }, leaves);
  }
  for (const auto& [name, make] : makers()) EXPECT_TRUE(seen.count(name)) << "no golden: " << name;
}

}  // namespace
}  // namespace tessera::goldens
