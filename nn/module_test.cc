// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/module.h"

#include <functional>
#include <sstream>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {
namespace {

// The example in module.h.
struct SmallCnn : nn::Module {
  nn::Sequential& features =
      add("features", nn::Sequential(nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}),
                                     nn::ReLU(), nn::MaxPool2d(2)));
  nn::Linear& fc = add("fc", nn::Linear(16 * 14 * 14, 10));

  Tensor forward(const Tensor& x) override { return fc(features(x).flatten(1)); }
};

// Own parameters and buffers beside a child.
struct Scale : Module {
  Tensor factor = add_parameter("factor", full({3}, 2.0));
  Tensor calls = add_buffer("calls", zeros({}, {.dtype = kInt64}));
  Tensor scratch = add_buffer("scratch", zeros({2}), /*persistent=*/false);
  Linear& inner = add("inner", Linear(3, 3));
  Tensor forward(const Tensor& x) override { return inner(x) * factor; }
};

std::vector<std::string> names(const std::vector<NamedTensor>& list) {
  std::vector<std::string> result;
  for (const NamedTensor& entry : list) result.push_back(entry.first);
  return result;
}

absl::Status status_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.status();
  }
  return absl::OkStatus();
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Module, ForwardGivesScores) {
  SmallCnn model;
  EXPECT_EQ(model(rand({2, 1, 28, 28})).shape(), (Shape{2, 10}));
}

TEST(Module, NamesAreThoseOfPyTorch) {
  SmallCnn model;
  EXPECT_EQ(
      names(model.named_parameters()),
      (std::vector<std::string>{"features.0.weight", "features.0.bias", "fc.weight", "fc.bias"}));
  std::vector<std::string> modules;
  for (const auto& [name, module] : model.named_modules()) modules.push_back(name);
  EXPECT_EQ(modules, (std::vector<std::string>{"", "features", "features.0", "features.1",
                                               "features.2", "fc"}));
  Scale scale;
  EXPECT_EQ(names(scale.named_parameters()),
            (std::vector<std::string>{"factor", "inner.weight", "inner.bias"}));
  EXPECT_EQ(names(scale.named_buffers()), (std::vector<std::string>{"calls", "scratch"}));
  EXPECT_EQ(scale.state_dict().keys(),
            (std::vector<std::string>{"factor", "calls", "inner.weight", "inner.bias"}));
}

TEST(Module, ParametersRequireGradientsAndBuffersDoNot) {
  Scale scale;
  EXPECT_TRUE(scale.factor.requires_grad());
  EXPECT_FALSE(scale.calls.requires_grad());
  scale.requires_grad_(false);
  for (const Tensor& p : scale.parameters()) EXPECT_FALSE(p.requires_grad());
  EXPECT_EQ(scale.num_parameters(), 3 + 9 + 3);
  EXPECT_EQ(scale.num_parameters(/*only_trainable=*/true), 0);
}

TEST(Module, ReferencesSurviveMoves) {
  auto first = std::make_unique<SmallCnn>();
  Linear* fc = &first->fc;
  const Tensor weight = first->fc.weight;
  SmallCnn second = std::move(*first);
  first.reset();
  EXPECT_EQ(&second.fc, fc);
  EXPECT_TRUE(second.fc.weight.is_same(weight));
  EXPECT_EQ(second(rand({1, 1, 28, 28})).shape(), (Shape{1, 10}));
  EXPECT_EQ(second.parameters().size(), 4u);
}

TEST(Module, TrainAndEvalReachEveryModule) {
  SmallCnn model;
  EXPECT_TRUE(model.features[0].is_training());
  model.eval();
  for (const auto& [name, module] : model.named_modules()) EXPECT_FALSE(module->is_training());
  model.features.train();
  EXPECT_TRUE(model.features[0].is_training());
  EXPECT_FALSE(model.fc.is_training());
}

TEST(Module, ApplyVisitsChildrenFirst) {
  SmallCnn model;
  std::vector<std::string> seen;
  model.apply([&](Module& module) { seen.push_back(module.type_name()); });
  EXPECT_EQ(seen, (std::vector<std::string>{"Conv2d", "ReLU", "MaxPool2d", "Sequential", "Linear",
                                            "SmallCnn"}));
}

TEST(Module, TypeNamesLoseNamespacesAndTemplateArguments) {
  EXPECT_EQ(SmallCnn().type_name(), "SmallCnn");
  EXPECT_EQ(ModuleList<Linear>().type_name(), "ModuleList");
  struct Local : Module {};
  EXPECT_EQ(Local().type_name(), "Local");
}

TEST(Module, GradientsAreClearedOrZeroed) {
  Scale scale;
  scale(rand({4, 3})).sum().backward();
  ASSERT_TRUE(scale.factor.grad().defined());
  scale.zero_grad(/*set_to_none=*/false);
  EXPECT_EQ(scale.factor.grad().abs().sum().item<float>(), 0);
  scale.zero_grad();
  for (const Tensor& p : scale.parameters()) EXPECT_FALSE(p.grad().defined());
}

TEST(Module, ToDTypeChangesWhatHandlesStandFor) {
  Scale scale;
  scale(rand({4, 3})).sum().backward();
  const Tensor factor = scale.factor, calls = scale.calls;
  const std::vector<float> before = scale.inner.weight.to_vector<float>();
  scale.to(kFloat64);
  EXPECT_EQ(factor.dtype(), kFloat64);
  EXPECT_EQ(factor.grad().dtype(), kFloat64);
  EXPECT_EQ(calls.dtype(), kInt64);
  EXPECT_EQ(scale.scratch.dtype(), kFloat64);
  EXPECT_TRUE(factor.requires_grad());
  EXPECT_EQ(scale.inner.weight.to_vector<float>(), before);
  Tensor y = scale(rand({4, 3}, {.dtype = kFloat64}));
  EXPECT_EQ(y.dtype(), kFloat64);
  y.sum().backward();
  EXPECT_EQ(status_of([&] { scale.to(kInt32); }).code(), absl::StatusCode::kInvalidArgument);
}

TEST(Module, SharedParametersCountOnce) {
  struct Tied : Module {
    Linear& a = add("a", Linear(3, 3, {.bias = false}));
    Tensor weight = add_parameter("weight", a.weight);
    Tensor forward(const Tensor& x) override { return a(x).matmul(weight); }
  };
  Tied tied;
  EXPECT_EQ(tied.parameters().size(), 1u);
  EXPECT_EQ(tied.num_parameters(), 9);
  EXPECT_EQ(tied.state_dict().keys(), (std::vector<std::string>{"weight", "a.weight"}));
  EXPECT_TRUE(tied.load_state_dict(tied.state_dict()).ok());
}

// ---- state dicts ----

TEST(Module, LoadsWhatAnotherSaved) {
  SmallCnn a, b;
  const Tensor handle = b.fc.weight;
  Tensor x = rand({2, 1, 28, 28});
  ASSERT_FALSE(allclose(a(x), b(x)));
  auto result = b.load_state_dict(a.state_dict());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(equal(a(x), b(x)));
  EXPECT_TRUE(b.fc.weight.is_same(handle));
  EXPECT_TRUE(b.fc.weight.requires_grad());
  // Copied, not shared.
  NoGradGuard no_grad;
  a.fc.weight.fill_(0);
  EXPECT_NE(b.fc.weight.abs().sum().item<float>(), 0);
}

TEST(Module, LoadingCastsToTheModulesDType) {
  Linear a(3, 2), b(3, 2, {.dtype = kFloat64});
  ASSERT_TRUE(b.load_state_dict(a.state_dict()).ok());
  EXPECT_EQ(b.weight.dtype(), kFloat64);
  EXPECT_EQ(b.weight.to_vector<float>(), a.weight.to_vector<float>());
}

TEST(Module, LoadingListsEveryProblemAndChangesNothing) {
  SmallCnn model;
  const std::vector<float> before = model.fc.bias.to_vector<float>();
  StateDict state = model.state_dict();
  state.set("fc.bias", ones({10}));
  state.set("fc.weight", ones({3, 4}));
  state.set("fc.extra", ones({1}));
  state.set("head.bias", ones({1}));
  state.erase("features.0.weight");
  state.erase("features.0.bias");
  auto result = model.load_state_dict(state);
  ASSERT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(result.status().message());
  for (const char* part :
       {"missing: features.0.weight, features.0.bias", "unexpected: fc.extra, head.bias",
        "fc.weight", "[3, 4]", "[10, 3136]", "SmallCnn"}) {
    EXPECT_TRUE(contains(message, part)) << part << " is not in: " << message;
  }
  EXPECT_EQ(model.fc.bias.to_vector<float>(), before);
}

TEST(Module, LoadingThatIsNotStrictTakesWhatFits) {
  SmallCnn model;
  auto result =
      model.load_state_dict({{"fc.bias", ones({10})}, {"other", ones({1})}}, {.strict = false});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->missing.size(), 3u);
  EXPECT_EQ(result->unexpected, std::vector<std::string>{"other"});
  EXPECT_EQ(model.fc.bias.sum().item<float>(), 10);
  // A shape that differs is an error even so.
  EXPECT_FALSE(model.load_state_dict({{"fc.bias", ones({9})}}, {.strict = false}).ok());
}

// ---- errors ----

TEST(Module, ErrorsSayWhichModule) {
  SmallCnn model;
  absl::Status status = status_of([&] { model(rand({2, 3, 28, 28})); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(contains(status.message(), "features.0 (Conv2d): conv2d: ")) << status;
  EXPECT_TRUE(contains(status.message(), "[2, 3, 28, 28]")) << status;
  status = status_of([&] { model(rand({2, 1, 20, 20})); });
  EXPECT_TRUE(contains(status.message(), "fc (Linear): linear: ")) << status;
  // The scope ends with the exception.
  status = status_of([&] { rand({2, 3}).matmul(rand({2, 3})); });
  EXPECT_FALSE(contains(status.message(), "Linear")) << status;
}

TEST(Module, BadNamesAreRefused) {
  struct Bad : Module {
    explicit Bad(const std::string& name) {
      add("taken", ReLU());
      add(name, ReLU());
    }
  };
  for (const char* name : {"", "a.b", "taken"}) {
    absl::Status status = status_of([&] { Bad bad(name); });
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_TRUE(contains(status.message(), std::string("'") + name + "'")) << status;
  }
}

TEST(Module, ParametersMustBeTrainable) {
  struct Bad : Module {
    explicit Bad(Tensor value) { add_parameter("p", value); }
  };
  EXPECT_EQ(status_of([] { Bad bad(zeros({2}, {.dtype = kInt64})); }).code(),
            absl::StatusCode::kInvalidArgument);
  Tensor leaf = zeros({2}, {.requires_grad = true});
  EXPECT_EQ(status_of([&] { Bad bad(leaf * 2); }).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(status_of([&] { Bad bad(Tensor{}); }).ok());
}

TEST(Module, WithoutForwardSaysSo) {
  struct Empty : Module {};
  Empty empty_module;
  absl::Status status = status_of([&] { empty_module(zeros({1})); });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_TRUE(contains(status.message(), "Empty has no forward(Tensor)")) << status;
}

// ---- hooks ----

TEST(Module, HooksSeeAndChangeWhatPasses) {
  Linear linear(2, 2);
  std::vector<std::string> order;
  HookHandle pre = linear.register_forward_pre_hook([&](Module& module, Tensor& input) {
    EXPECT_EQ(&module, &linear);
    order.push_back("pre");
    input = input * 0;
  });
  HookHandle post = linear.register_forward_hook([&](Module&, const Tensor& input, Tensor& output) {
    order.push_back("post");
    EXPECT_EQ(input.abs().sum().item<float>(), 0);
    output = output - linear.bias;
  });
  EXPECT_EQ(linear(rand({3, 2})).abs().sum().item<float>(), 0);
  EXPECT_EQ(order, (std::vector<std::string>{"pre", "post"}));
  pre.remove();
  post.remove();
  post.remove();
  EXPECT_NE(linear(ones({3, 2})).abs().sum().item<float>(), 0);
  EXPECT_EQ(order.size(), 2u);
}

TEST(Module, HooksMoveWithTheirModule) {
  int calls = 0;
  HookHandle handle;
  {
    Linear first(2, 2);
    handle = first.register_forward_hook([&](Module&, const Tensor&, Tensor&) { ++calls; });
    Linear second = std::move(first);
    second(zeros({1, 2}));
    EXPECT_EQ(calls, 1);
  }
  handle.remove();  // after the module has gone
}

TEST(Module, HooksMayRemoveThemselves) {
  Linear linear(2, 2);
  int calls = 0;
  HookHandle handle;
  handle = linear.register_forward_hook([&](Module&, const Tensor&, Tensor&) {
    ++calls;
    handle.remove();
  });
  linear(zeros({1, 2}));
  linear(zeros({1, 2}));
  EXPECT_EQ(calls, 1);
}

// ---- other signatures ----

struct Pairwise : ModuleOf<Tensor(const Tensor& a, const Tensor& b)> {
  Linear& left = add("left", Linear(3, 4));
  Linear& right = add("right", Linear(5, 4));
  Tensor forward(const Tensor& a, const Tensor& b) override { return left(a) * right(b); }
};

static_assert(TensorModule<Linear> && TensorModule<Sequential> && TensorModule<SmallCnn>);
static_assert(!TensorModule<Pairwise> && !TensorModule<CrossEntropyLoss>);
static_assert(std::is_move_constructible_v<SmallCnn> && !std::is_copy_constructible_v<SmallCnn>);

TEST(ModuleOf, TakesSeveralTensors) {
  struct Net : Module {
    Pairwise& pair = add("pair", Pairwise());
    Tensor forward(const Tensor& x) override { return pair(x, x); }
  };
  Pairwise pair;
  EXPECT_EQ(pair(rand({2, 3}), rand({2, 5})).shape(), (Shape{2, 4}));
  EXPECT_EQ(pair.parameters().size(), 4u);
  Net net;
  absl::Status status = status_of([&] { net(rand({2, 3})); });
  EXPECT_TRUE(contains(status.message(), "pair.right (Linear): linear: ")) << status;
  status = status_of([&] { static_cast<Module&>(pair)(rand({2, 3})); });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
}

TEST(ModuleOf, ResultsAndArgumentsOfOtherTypes) {
  struct Count : ModuleOf<std::pair<Tensor, int>(const Tensor& x, int n)> {
    std::pair<Tensor, int> forward(const Tensor& x, int n) override { return {x * n, n + 1}; }
  };
  Count count;
  count.register_forward_pre_hook([](Module&, Tensor&, int& n) { n = 5; });
  count.register_forward_hook([](Module&, const Tensor&, const int&,
                                 std::pair<Tensor, int>& result) { result.second *= 10; });
  auto [y, n] = count(ones({2}), 3);
  EXPECT_EQ(y.sum().item<float>(), 10);
  EXPECT_EQ(n, 60);
}

// ---- printing ----

TEST(Module, PrintsAsPyTorch) {
  std::ostringstream out;
  out << SmallCnn();
  EXPECT_EQ(out.str(),
            "SmallCnn(\n"
            "  (features): Sequential(\n"
            "    (0): Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n"
            "    (1): ReLU()\n"
            "    (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"
            "  )\n"
            "  (fc): Linear(in_features=3136, out_features=10, bias=True)\n"
            ")");
}

TEST(BackwardHooks, SeeAndChangeGradients) {
  Sequential model(Linear(3, 2, {.dtype = kFloat64}), Linear(2, 1, {.dtype = kFloat64}));
  auto& last = static_cast<Linear&>(model[1]);
  std::vector<std::string> calls;
  HookHandle pre = last.register_full_backward_pre_hook([&](Module&, Tensor& grad_output) {
    calls.push_back("pre");
    grad_output = grad_output * 2;
  });
  HookHandle hook = last.register_full_backward_hook(
      [&](Module& module, Tensor& grad_input, const Tensor& grad_output) {
        calls.push_back(module.name());
        EXPECT_EQ(grad_output.shape(), (Shape{4, 1}));
        EXPECT_EQ(grad_output[0][0].item<double>(), 2);
        EXPECT_TRUE(allclose(grad_input, matmul(grad_output, last.weight.detach()), 1e-12));
        grad_input = grad_input * 10;
      });
  const Tensor x = rand({4, 3}, {.dtype = kFloat64});
  model(x).sum().backward();
  EXPECT_EQ(calls, (std::vector<std::string>{"pre", "1"}));
  EXPECT_EQ(last.bias.grad()[0].item<double>(), 8);
  // The first layer's bias gets the sum of what the last one's hook let through.
  auto& first = static_cast<Linear&>(model[0]);
  EXPECT_TRUE(allclose(first.bias.grad(), last.weight.detach()[0] * 80, 1e-12));

  pre.remove();
  hook.remove();
  model.zero_grad();
  model(x).sum().backward();
  EXPECT_EQ(calls.size(), 2u);
  EXPECT_EQ(last.bias.grad()[0].item<double>(), 4);
}

TEST(BackwardHooks, InputWithoutAGradientIsUndefined) {
  Linear layer(3, 2);
  int calls = 0;
  layer.register_full_backward_hook([&](Module&, Tensor& grad_input, const Tensor& grad_output) {
    EXPECT_FALSE(grad_input.defined());
    EXPECT_EQ(grad_output.shape(), (Shape{4, 2}));
    ++calls;
  });
  layer(rand({4, 3})).sum().backward();
  EXPECT_EQ(calls, 1);
  NoGradGuard no_grad;
  EXPECT_FALSE(layer(rand({4, 3})).requires_grad());
}

// y = (a w, a b) with a struct for a result; w does not meet the loss's first term.
struct Products : ModuleOf<std::pair<Tensor, Tensor>(const Tensor& a, int n, const Tensor& b)> {
  Tensor w = add_parameter("w", full({2}, 3, {.dtype = kFloat64}));
  std::pair<Tensor, Tensor> forward(const Tensor& a, int n, const Tensor& b) override {
    return {a * w * n, a * b};
  }
};

TEST(BackwardHooks, OfModulesOfSeveralTensors) {
  const TensorOptions kDouble = {.dtype = kFloat64, .requires_grad = true};
  Products products;
  Tensor a = tensor<double>({2, 5}, kDouble), b = tensor<double>({7, 11}, kDouble);
  std::vector<std::string> calls;
  HookHandle pre =
      products.register_full_backward_pre_hook([&](Module&, std::vector<Tensor>& grad_output) {
        calls.push_back("pre");
        ASSERT_EQ(grad_output.size(), 2u);
        grad_output[0] = grad_output[0] * 10;
      });
  HookHandle hook = products.register_full_backward_hook(
      [&](Module& module, std::vector<Tensor>& grad_input, const std::vector<Tensor>& grad_output) {
        EXPECT_EQ(&module, &products);
        calls.push_back("hook");
        ASSERT_EQ(grad_input.size(), 3u);
        EXPECT_FALSE(grad_input[1].defined());
        EXPECT_EQ(grad_output[0].to_vector<double>(), (std::vector<double>{10, 10}));
        // d(a w n) / da + d(a b) / da, of weights 10 and 1.
        EXPECT_EQ(grad_input[0].to_vector<double>(), (std::vector<double>{67, 71}));
        grad_input[2] = grad_input[2] * -1;
      });
  auto run = [&] {
    auto [first, second] = products(a, 2, b);
    (first.sum() + second.sum()).backward();
  };
  run();
  EXPECT_EQ(calls, (std::vector<std::string>{"pre", "hook"}));
  EXPECT_EQ(a.grad().to_vector<double>(), (std::vector<double>{67, 71}));
  EXPECT_EQ(b.grad().to_vector<double>(), (std::vector<double>{-2, -5}));
  EXPECT_EQ(products.w.grad().to_vector<double>(), (std::vector<double>{40, 100}));

  // Where the loss does not depend on an output its gradient is undefined.
  pre.remove();
  hook.remove();
  int missing = 0;
  products.register_full_backward_hook(
      [&](Module&, std::vector<Tensor>& grad_input, const std::vector<Tensor>& grad_output) {
        missing += !grad_output[1].defined() && grad_output[0].defined() && grad_input[0].defined();
      });
  products(a, 2, b).first.sum().backward();
  EXPECT_EQ(missing, 1);
}

TEST(BackwardHooks, OfResultsThatAreStructs) {
  LSTM lstm(3, 4);
  size_t outputs = 0, inputs = 9;
  lstm.register_full_backward_hook(
      [&](Module&, std::vector<Tensor>& grad_input, const std::vector<Tensor>& grad_output) {
        inputs = grad_input.size();
        for (const Tensor& g : grad_output) outputs += g.defined();
      });
  LSTMResult result = lstm(rand({5, 2, 3}));
  (result.output.sum() + result.state.c.sum()).backward();
  EXPECT_EQ(inputs, 2u);
  EXPECT_EQ(outputs, 2u);
}

}  // namespace
}  // namespace tessera::nn
