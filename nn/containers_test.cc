// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/containers.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/nn/nn.h"

namespace tessera::nn {
namespace {

using Names = std::vector<std::string>;

// The header's example.
struct Branches : Module {
  ModuleDict<>& heads = add("heads", ModuleDict<>());
  ParameterList& scales = add("scales", ParameterList());
  Branches() {
    heads.insert("digit", Linear(4, 10));
    heads.insert("parity", Linear(4, 2));
    scales.push_back(ones({1}));
  }
  Tensor forward(const Tensor& x) override { return heads["parity"](x * scales[0]); }
};

std::string error_of(const std::function<void()>& f, absl::StatusCode code) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(ModuleDict, HoldsModulesByName) {
  Branches model;
  EXPECT_EQ(model.state_dict().keys(),
            (Names{"heads.digit.weight", "heads.digit.bias", "heads.parity.weight",
                   "heads.parity.bias", "scales.0"}));
  EXPECT_EQ(model(rand({3, 4})).shape(), (Shape{3, 2}));
  EXPECT_EQ(model.heads.size(), 2);
  EXPECT_EQ(model.heads.keys(), (Names{"digit", "parity"}));
  EXPECT_TRUE(model.heads.contains("digit"));
  EXPECT_FALSE(model.heads.contains("dig"));
  EXPECT_EQ(error_of([&] { model.heads["age"]; }, absl::StatusCode::kNotFound),
            "ModuleDict: no module is named 'age'");
  Names seen;
  for (const auto& [key, module] : model.heads) seen.push_back(key + module->type_name());
  EXPECT_EQ(seen, (Names{"digitLinear", "parityLinear"}));
}

TEST(ModuleDict, SurvivesMoves) {
  Branches first;
  Branches second = std::move(first);
  const ModuleDict<>& heads = second.heads;
  EXPECT_EQ(heads["digit"](rand({1, 4})).numel(), 10);
}

TEST(ModuleDict, ErrorsNameTheModule) {
  Branches model;
  const std::string message = error_of(
      [&] {
        model(rand({3, 5}));
      },
      absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(message.substr(0, 30), "heads.parity (Linear): linear:") << message;
}

TEST(ModuleDict, RefusesNamesThatAreTaken) {
  ModuleDict<Linear> dict;
  Linear& a = dict.insert("a", Linear(2, 3));
  EXPECT_EQ(&dict["a"], &a);
  error_of([&] { dict.insert("a", Linear(2, 3)); }, absl::StatusCode::kInvalidArgument);
  error_of([&] { dict.insert("a.b", Linear(2, 3)); }, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(dict.size(), 1);
}

TEST(ParameterList, RegistersWhatItHolds) {
  ParameterList list;
  Tensor first = list.push_back(zeros({2, 3}));
  list.push_back(ones({4}, {.dtype = kFloat64}));
  EXPECT_TRUE(first.requires_grad());
  EXPECT_TRUE(list[0].is_same(first));
  EXPECT_TRUE(list[-2].is_same(first));
  EXPECT_EQ(list.num_parameters(), 10);
  EXPECT_EQ(list.to_string(), "ParameterList((0): float32 [2, 3], (1): float64 [4])");
  int64_t elements = 0;
  for (const Tensor& p : list) elements += p.numel();
  EXPECT_EQ(elements, 10);
  error_of([&] { list[2]; }, absl::StatusCode::kOutOfRange);
  error_of([&] { list.push_back(Tensor()); }, absl::StatusCode::kInvalidArgument);
  error_of([&] { list.push_back(arange(3)); }, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(list.size(), 2);
}

TEST(ParameterDict, RegistersWhatItHolds) {
  ParameterDict dict;
  Tensor scale = dict.insert("scale", ones({3}));
  dict.insert("shift", zeros({3}));
  EXPECT_TRUE(dict["scale"].is_same(scale));
  EXPECT_TRUE(dict.contains("shift"));
  EXPECT_EQ(dict.keys(), (Names{"scale", "shift"}));
  EXPECT_EQ(dict.state_dict().keys(), dict.keys());
  EXPECT_EQ(dict.to_string(), "ParameterDict((scale): float32 [3], (shift): float32 [3])");
  error_of([&] { dict["size"]; }, absl::StatusCode::kNotFound);
  error_of([&] { dict.insert("scale", ones({1})); }, absl::StatusCode::kInvalidArgument);
  error_of([&] { dict.insert("none", Tensor()); }, absl::StatusCode::kInvalidArgument);
}

// Handles keep up when values move: to() changes what they stand for.
TEST(ParameterDict, FollowsCasts) {
  ParameterDict dict;
  Tensor scale = dict.insert("scale", ones({3}));
  dict.to(kFloat64);
  EXPECT_EQ(dict["scale"].dtype(), kFloat64);
  EXPECT_EQ(scale.dtype(), kFloat64);
}

}  // namespace
}  // namespace tessera::nn
