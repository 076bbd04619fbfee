// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/known_failures.h"

#include "gtest/gtest.h"

namespace tessera::conformance {
namespace {

KnownFailures parsed(std::string_view text) {
  absl::StatusOr<KnownFailures> known = KnownFailures::parse(text);
  EXPECT_TRUE(known.ok()) << known.status();
  return known.ok() ? *known : KnownFailures();
}

TEST(KnownFailuresTest, StarsStayWithinTheirPart) {
  EXPECT_TRUE(matches("add/*/float32/*", "add/Matrix/float32/dense"));
  EXPECT_TRUE(matches("add/M*x/float32/dense", "add/Matrix/float32/dense"));
  EXPECT_FALSE(matches("add/*", "add/Matrix/float32/dense"));
  EXPECT_FALSE(matches("add/*/float32/*", "sub/Matrix/float32/dense"));
}

TEST(KnownFailuresTest, CoveredFindingsAreExcused) {
  KnownFailures known = parsed("# a comment\n\nadd/*/float32/dense/guard  writes too far\n");
  EXPECT_TRUE(known.judge("add/One/float32/dense", {{"guard", "x"}}).empty());
  EXPECT_EQ(known.judge("add/One/float32/dense", {{"guard", "x"}, {"forward", "y"}}).size(), 1u);
  EXPECT_EQ(known.judge("add/One/float64/dense", {{"guard", "x"}}).size(), 1u);
}

TEST(KnownFailuresTest, UnexpectedPassFails) {
  KnownFailures known = parsed("add/*/float32/dense/guard  writes too far");
  const std::vector<Finding> left = known.judge("add/One/float32/dense", {});
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].check, "unexpected pass");
  EXPECT_NE(left[0].message.find("writes too far"), std::string::npos);
  EXPECT_TRUE(known.judge("sub/One/float32/dense", {}).empty());
}

TEST(KnownFailuresTest, EveryLineHasAReasonAndFiveParts) {
  EXPECT_EQ(KnownFailures::parse("\nadd/*/float32/dense/guard").status().message(),
            "line 2: 'add/*/float32/dense/guard' has no reason");
  EXPECT_FALSE(KnownFailures::parse("add/guard because").ok());
}

}  // namespace
}  // namespace tessera::conformance
