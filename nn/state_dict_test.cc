// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/state_dict.h"

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {
namespace {

StateDict three() { return {{"b", zeros({1})}, {"a", zeros({2})}, {"c", zeros({3})}}; }

TEST(StateDict, KeepsTheOrderOfInsertion) {
  EXPECT_EQ(three().keys(), (std::vector<std::string>{"b", "a", "c"}));
}

TEST(StateDict, SetReplacesInPlace) {
  StateDict dict = three();
  dict.set("a", zeros({5}));
  EXPECT_EQ(dict.keys(), (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(dict.at("a").shape(), Shape{5});
}

TEST(StateDict, EraseKeepsTheOthersReachable) {
  StateDict dict = three();
  EXPECT_TRUE(dict.erase("b"));
  EXPECT_FALSE(dict.erase("b"));
  EXPECT_EQ(dict.keys(), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(dict.at("a").shape(), Shape{2});
  EXPECT_EQ(dict.at("c").shape(), Shape{3});
  EXPECT_EQ(dict.find("b"), nullptr);
}

TEST(StateDict, AtNamesWhatIsMissing) {
  try {
    three().at("weight");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("weight"), std::string::npos);
  }
}

TEST(StateDict, PrefixesComeOnAndOff) {
  StateDict all;
  all.insert("model.", three());
  all.insert("optimizer.", {{"a", zeros({7})}});
  EXPECT_EQ(all.size(), 4u);
  EXPECT_EQ(all.with_prefix("model.").keys(), three().keys());
  EXPECT_EQ(all.with_prefix("optimizer.").at("a").shape(), Shape{7});
}

}  // namespace
}  // namespace tessera::nn
