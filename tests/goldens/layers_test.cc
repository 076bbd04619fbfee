// SPDX-License-Identifier: Apache-2.0
//
// Layers against PyTorch: outputs, gradients of inputs and parameters, printed forms, names, and
// initial values.
#include <cmath>
#include <functional>
#include <map>
#include <memory>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tests/goldens/compiled.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

Pair pair_option(const GoldenCase& golden, const std::string& key, Pair fallback) {
  const std::vector<int64_t> values = golden.integers(key);
  if (values.empty()) return fallback;
  return values.size() == 1 ? Pair(values[0]) : Pair(values[0], values[1]);
}

std::optional<Pair> stride_option(const GoldenCase& golden) {
  if (!golden.has_option("stride")) return std::nullopt;
  return pair_option(golden, "stride", 0);
}

using MakeLayer = std::function<std::unique_ptr<nn::Module>(const GoldenCase&)>;

template <class M>
std::unique_ptr<nn::Module> layer(M module) {
  return std::make_unique<M>(std::move(module));
}

const std::map<std::string, MakeLayer>& makers() {
  static const auto* const table = new std::map<std::string, MakeLayer>{
      {"Linear",
       [](const GoldenCase& g) {
         return layer(nn::Linear(g.integer("i", 0), g.integer("o", 0),
                                 {.bias = g.flag("bias", true), .dtype = kFloat64}));
       }},
      {"Conv2d",
       [](const GoldenCase& g) {
         const Pair pad = g.text("padding") == "same" ? 0 : pair_option(g, "padding", 0);
         return layer(nn::Conv2d(g.integer("i", 0), g.integer("o", 0),
                                 {.kernel_size = pair_option(g, "kernel_size", 0),
                                  .stride = pair_option(g, "stride", 1),
                                  .padding = g.text("padding") == "same" ? ConvPadding<Pair>(kSame)
                                                                         : ConvPadding<Pair>(pad),
                                  .dilation = pair_option(g, "dilation", 1),
                                  .groups = g.integer("groups", 1),
                                  .bias = g.flag("bias", true),
                                  .dtype = kFloat64}));
       }},
      {"MaxPool2d",
       [](const GoldenCase& g) {
         return layer(nn::MaxPool2d(pair_option(g, "kernel_size", 0),
                                    {.stride = stride_option(g),
                                     .padding = pair_option(g, "padding", 0),
                                     .dilation = pair_option(g, "dilation", 1),
                                     .ceil_mode = g.flag("ceil_mode")}));
       }},
      {"AvgPool2d",
       [](const GoldenCase& g) {
         return layer(nn::AvgPool2d(pair_option(g, "kernel_size", 0),
                                    {.stride = stride_option(g),
                                     .padding = pair_option(g, "padding", 0),
                                     .ceil_mode = g.flag("ceil_mode"),
                                     .count_include_pad = g.flag("count_include_pad", true),
                                     .divisor_override = g.integer("divisor_override", 0)}));
       }},
      {"Flatten",
       [](const GoldenCase& g) {
         return layer(nn::Flatten(g.integer("start_dim", 1), g.integer("end_dim", -1)));
       }},
      {"ReLU", [](const GoldenCase&) { return layer(nn::ReLU()); }},
      {"Sigmoid", [](const GoldenCase&) { return layer(nn::Sigmoid()); }},
      {"Tanh", [](const GoldenCase&) { return layer(nn::Tanh()); }},
      {"SiLU", [](const GoldenCase&) { return layer(nn::SiLU()); }},
      {"Softplus", [](const GoldenCase&) { return layer(nn::Softplus()); }},
      {"LogSigmoid", [](const GoldenCase&) { return layer(nn::LogSigmoid()); }},
      {"Identity", [](const GoldenCase&) { return layer(nn::Identity()); }},
      {"GELU",
       [](const GoldenCase& g) {
         return layer(nn::GELU({.approximate = g.text("approximate") == "tanh"
                                                   ? nn::GELUApproximation::kTanh
                                                   : nn::GELUApproximation::kNone}));
       }},
      {"LeakyReLU",
       [](const GoldenCase& g) { return layer(nn::LeakyReLU(g.number("negative_slope", 0.01))); }},
      {"Softmax", [](const GoldenCase& g) { return layer(nn::Softmax(g.integer("dim", 0))); }},
      {"LogSoftmax",
       [](const GoldenCase& g) { return layer(nn::LogSoftmax(g.integer("dim", 0))); }},
  };
  return *table;
}

class LayerGoldens : public testing::TestWithParam<const char*> {};

TEST_P(LayerGoldens, OutputGradientsAndRepresentation) {
  for (const GoldenCase& golden : load_goldens("layers", std::string(GetParam()) + "/")) {
    SCOPED_TRACE(golden.name);
    std::unique_ptr<nn::Module> module = makers().at(GetParam())(golden);
    nn::StateDict parameters;
    for (const auto& [name, p] : module->named_parameters()) {
      parameters.set(name, golden.tensor(name));
    }
    ASSERT_TRUE(module->load_state_dict(parameters).ok());
    Tensor input = golden.tensor("input").clone().requires_grad_();
    Tensor output = (*module)(input);
    // exp, erf and tanh of the backends are right to some ulps, not to the last.
    constexpr double kTolerance = 1e-11;
    expect_close(output, golden.tensor("output"), kTolerance);
    output.backward(golden.tensor("grad_output"));
    expect_close(input.grad(), golden.tensor("grad_input"), kTolerance);
    for (const auto& [name, p] : module->named_parameters()) {
      SCOPED_TRACE(name);
      expect_close(p.grad(), golden.tensor("grad_" + name), kTolerance);
    }
    std::vector<Tensor> leaves = module->parameters();
    leaves.push_back(input);
    expect_same_compiled([&] { return (*module)(input); }, leaves);
    // Spaces are the separator of options.
    std::string printed = absl::StrReplaceAll(module->to_string(), {{" ", "_"}});
    EXPECT_EQ(printed, golden.text("repr"));
  }
}

INSTANTIATE_TEST_SUITE_P(All, LayerGoldens,
                         testing::Values("Linear", "Conv2d", "MaxPool2d", "AvgPool2d", "Flatten",
                                         "ReLU", "Sigmoid", "Tanh", "SiLU", "Softplus",
                                         "LogSigmoid", "Identity", "GELU", "LeakyReLU", "Softmax",
                                         "LogSoftmax"),
                         [](const auto& info) { return std::string(info.param); });

struct Cnn : nn::Module {
  nn::Sequential& features =
      add("features",
          nn::Sequential(nn::Conv2d(1, 4, {.kernel_size = 3, .padding = 1}), nn::ReLU(),
                         nn::MaxPool2d(2), nn::Conv2d(4, 6, {.kernel_size = 3, .padding = 1}),
                         nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Dropout(0.25)));
  nn::Linear& fc = add("fc", nn::Linear(24, 10));
  Tensor forward(const Tensor& x) override { return fc(features(x)); }
};

TEST(ModelGoldens, NamesGradientsAndRepresentation) {
  for (const GoldenCase& golden : load_goldens("layers", "model/cnn")) {
    Cnn model;
    EXPECT_EQ(absl::StrJoin(model.state_dict().keys(), ","), golden.text("names"));
    // PyTorch's model is a Sequential with the same parts.
    EXPECT_EQ(absl::StrReplaceAll(model.to_string(), {{"Cnn(", "Sequential("}}),
              golden.text("repr"));
    model.to(kFloat64).eval();
    auto loaded = model.load_state_dict(golden.tensors.with_prefix("parameters/"));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    Tensor scores = model(golden.tensor("x"));
    expect_close(scores, golden.tensor("scores"));
    nn::CrossEntropyLoss loss_fn;
    Tensor loss = loss_fn(scores, golden.tensor("y"));
    expect_close(loss, golden.tensor("loss"));
    loss.backward();
    for (const auto& [name, p] : model.named_parameters()) {
      SCOPED_TRACE(name);
      expect_close(p.grad(), golden.tensor("gradients/" + name));
    }
  }
}

// Ours and PyTorch's draws are different samples of, it is claimed, one distribution. Deviations of
// n draws differ by about 1 / sqrt(2 n) of themselves, largest elements of uniform draws by 1 / n,
// of normal ones by some percent.
void expect_alike(const Tensor& x, double std, double largest, bool is_uniform) {
  const double n = static_cast<double>(x.numel());
  EXPECT_NEAR(x.detach().std().item<double>(), std, std * 6 / std::sqrt(n));
  EXPECT_NEAR(x.detach().abs().amax().item<double>(), largest,
              largest * (is_uniform ? 20 / n : 0.2));
  EXPECT_NEAR(x.detach().mean().item<double>(), 0, std * 5 / std::sqrt(n));
}

TEST(InitGoldens, DefaultsOfLayers) {
  for (const GoldenCase& golden : load_goldens("layers", "init/linear")) {
    nn::Linear linear(50, 4000);
    for (const auto& [name, p] : linear.named_parameters()) {
      SCOPED_TRACE(name);
      expect_alike(p, golden.tensor(name + "_std").item<double>(),
                   golden.tensor(name + "_largest").item<double>(), /*is_uniform=*/true);
    }
  }
  for (const GoldenCase& golden : load_goldens("layers", "init/conv")) {
    nn::Conv2d conv(6, 4000, {.kernel_size = {3, 5}, .groups = 2});
    for (const auto& [name, p] : conv.named_parameters()) {
      SCOPED_TRACE(name);
      expect_alike(p, golden.tensor(name + "_std").item<double>(),
                   golden.tensor(name + "_largest").item<double>(), /*is_uniform=*/true);
    }
  }
}

TEST(InitGoldens, Functions) {
  const std::map<std::string, nn::init::Nonlinearity> kNonlinearities = {
      {"relu", nn::init::kReLU},       {"tanh", nn::init::kTanh},
      {"selu", nn::init::kSELU},       {"linear", nn::init::kLinear},
      {"sigmoid", nn::init::kSigmoid}, {"leaky_relu", nn::init::kLeakyReLU}};
  int cases = 0;
  for (const char* function :
       {"xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"}) {
    for (const GoldenCase& golden : load_goldens("layers", std::string("init/") + function)) {
      SCOPED_TRACE(golden.name);
      Tensor w = empty(Shape(golden.integers("shape")));
      const std::string kind = golden.text("kind");
      const double gain = golden.number("gain", 1);
      const nn::init::KaimingOptions options = {
          .a = golden.number("a", 0),
          .mode = golden.text("mode") == "fan_out" ? nn::init::kFanOut : nn::init::kFanIn,
          .nonlinearity = kNonlinearities.at(golden.text("nonlinearity", "leaky_relu"))};
      if (kind == "xavier_uniform_") nn::init::xavier_uniform_(w, gain);
      if (kind == "xavier_normal_") nn::init::xavier_normal_(w, gain);
      if (kind == "kaiming_uniform_") nn::init::kaiming_uniform_(w, options);
      if (kind == "kaiming_normal_") nn::init::kaiming_normal_(w, options);
      expect_alike(w, golden.tensor("std").item<double>(), golden.tensor("largest").item<double>(),
                   kind.find("uniform") != kind.npos);
      ++cases;
    }
  }
  EXPECT_EQ(cases, 20);
}

}  // namespace
}  // namespace tessera::goldens
