// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/sequential.h"

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"

namespace tessera::nn {
namespace {

TEST(Sequential, RunsInOrder) {
  struct Add : Module {
    explicit Add(double value) : value(value) {}
    double value;
    Tensor forward(const Tensor& x) override { return x + value; }
  };
  struct Double : Module {
    Tensor forward(const Tensor& x) override { return x * 2; }
  };
  Sequential model(Add(1), Double());
  model.push_back(Add(3));
  EXPECT_EQ(model(zeros({})).item<float>(), 5);
  EXPECT_EQ(model.size(), 3);
}

TEST(Sequential, EmptyIsTheIdentity) {
  Sequential model;
  Tensor x = rand({3});
  EXPECT_TRUE(model(x).is_same(x));
}

TEST(Sequential, WritesOverNothingThatOthersHold) {
  Sequential activation{ReLU()};
  Tensor x = tensor<float>({-1, 2});
  Tensor y = activation(x);
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{-1, 2}));
  EXPECT_EQ(y.to_vector<float>(), (std::vector<float>{0, 2}));

  Sequential model(Linear(2, 3), ReLU(), Tanh());
  Tensor of_linear, of_relu;
  model[0].register_forward_hook([&](Module&, const Tensor&, Tensor& out) { of_linear = out; });
  model[1].register_forward_hook([&](Module&, const Tensor&, Tensor& out) { of_relu = out; });
  Tensor result = model(x);
  EXPECT_TRUE(of_linear.amin().item<float>() < 0 || of_linear.amax().item<float>() > 0);
  EXPECT_EQ(relu(of_linear).to_vector<float>(), of_relu.to_vector<float>());
  EXPECT_EQ(tanh(of_relu).to_vector<float>(), result.to_vector<float>());
}

TEST(Sequential, KeepsOneActivationForReluInAChain) {
  Sequential model(Linear(2, 3), ReLU());
  Tensor before = model[0](rand({1, 2}));
  const void* memory = before.impl().storage->buffer().data();
  Tensor after = model[1](std::move(before));
  EXPECT_EQ(after.impl().storage->buffer().data(), memory);
}

TEST(Sequential, IndexesFromBothEnds) {
  Sequential model(Linear(2, 3), ReLU(), Linear(3, 4));
  EXPECT_EQ(static_cast<Linear&>(model[0]).out_features, 3);
  EXPECT_EQ(static_cast<Linear&>(model[-1]).out_features, 4);
  EXPECT_THROW(model[3], Error);
  EXPECT_THROW(model[-4], Error);
}

TEST(Sequential, NestsAndNames) {
  Sequential inner(Linear(2, 3), ReLU());
  Sequential model(std::move(inner), Linear(3, 1, {.bias = false}));
  model.push_back("out", Sigmoid());
  EXPECT_EQ(model.state_dict().keys(),
            (std::vector<std::string>{"0.0.weight", "0.0.bias", "1.weight"}));
  EXPECT_EQ(model.named_children()[2].first, "out");
  EXPECT_EQ(model(rand({5, 2})).shape(), (Shape{5, 1}));
}

TEST(Sequential, OneSequentialInAnotherIsAMove) {
  Sequential inner(Linear(2, 3));
  Sequential model(std::move(inner));
  EXPECT_EQ(model.state_dict().keys(), (std::vector<std::string>{"0.weight", "0.bias"}));
}

struct Stack : Module {
  ModuleList<Linear>& blocks = add("blocks", ModuleList<Linear>());
  Stack() {
    for (int i = 0; i < 3; ++i) blocks.push_back(Linear(4, 4));
  }
  Tensor forward(const Tensor& x) override {
    Tensor y = x;
    for (Linear* block : blocks) y = (*block)(y);
    return y;
  }
};

TEST(ModuleList, NamesItsParts) {
  Stack stack;
  EXPECT_EQ(stack(rand({2, 4})).shape(), (Shape{2, 4}));
  EXPECT_EQ(stack.blocks.size(), 3);
  EXPECT_EQ(stack.state_dict().keys()[2], "blocks.1.weight");
  EXPECT_EQ(&stack.blocks[2], stack.blocks.children()[2]);
}

TEST(ModuleList, InsertsAndExtends) {
  Stack stack;
  Linear& second = stack.blocks[1];
  Linear& inserted = stack.blocks.insert(1, Linear(4, 4, {.bias = false}));
  EXPECT_EQ(&stack.blocks[1], &inserted);
  EXPECT_EQ(&stack.blocks[2], &second);
  EXPECT_EQ(second.name(), "2");
  EXPECT_EQ(stack.state_dict().keys(),
            (std::vector<std::string>{"blocks.0.weight", "blocks.0.bias", "blocks.1.weight",
                                      "blocks.2.weight", "blocks.2.bias", "blocks.3.weight",
                                      "blocks.3.bias"}));
  Linear& before_last = stack.blocks.insert(-1, Linear(4, 4));
  Linear& last = stack.blocks.insert(5, std::make_unique<Linear>(4, 4));
  EXPECT_EQ(&before_last, &stack.blocks[3]);
  EXPECT_EQ(&last, &stack.blocks[-1]);
  EXPECT_THROW(stack.blocks.insert(7, Linear(4, 4)), Error);
  EXPECT_THROW(stack.blocks.insert(-7, Linear(4, 4)), Error);

  ModuleList<Linear> more;
  Linear& moved = more.push_back(Linear(4, 5));
  std::vector<Linear> few;
  few.push_back(Linear(5, 2));
  stack.blocks.extend(std::move(more)).extend(std::move(few));
  EXPECT_EQ(stack.blocks.size(), 8);
  EXPECT_EQ(&stack.blocks[6], &moved);
  EXPECT_EQ(stack.named_parameters().back().first, "blocks.7.bias");
  EXPECT_EQ(stack(rand({2, 4})).shape(), (Shape{2, 2}));
  try {
    stack.blocks[6](rand({2, 3}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("blocks.6 (Linear): "), 0u) << error.what();
  }
}

TEST(ModuleList, ErrorsCarryTheListsName) {
  auto message_of = [](Module& module) -> std::string {
    try {
      module(rand({2, 5}));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  Stack stack;
  EXPECT_EQ(message_of(stack).find("blocks.0 (Linear): "), 0u) << message_of(stack);
  // Filled before it is given its name.
  struct Later : Module {
    explicit Later(ModuleList<Linear> list) : parts(add("parts", std::move(list))) {}
    ModuleList<Linear>& parts;
    Tensor forward(const Tensor& x) override { return parts[0](x); }
  };
  ModuleList<Linear> list;
  list.push_back(Linear(4, 4));
  Later later(std::move(list));
  EXPECT_EQ(message_of(later).find("parts.0 (Linear): "), 0u) << message_of(later);
}

}  // namespace
}  // namespace tessera::nn
