// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/no_grad.h"

#include <thread>

#include "gtest/gtest.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

TEST(NoGradGuard, OpsAreNotRemembered) {
  Tensor x = tensor<float>({1, 2}).requires_grad_();
  {
    NoGradGuard no_grad;
    EXPECT_FALSE(is_grad_enabled());
    Tensor y = x * x;
    EXPECT_FALSE(y.requires_grad());
    EXPECT_TRUE(y.is_leaf());
  }
  EXPECT_TRUE(is_grad_enabled());
  EXPECT_TRUE((x * x).requires_grad());
}

TEST(NoGradGuard, NewLeavesMayRequireGradients) {
  NoGradGuard no_grad;
  EXPECT_TRUE(ones({2}, {.requires_grad = true}).requires_grad());
}

TEST(Guards, Nest) {
  Tensor x = tensor<float>({1, 2}).requires_grad_();
  InferenceModeGuard inference;
  EXPECT_FALSE((x * x).requires_grad());
  {
    EnableGradGuard enable;
    EXPECT_TRUE((x * x).requires_grad());
    {
      GradModeGuard off(false);
      EXPECT_FALSE((x * x).requires_grad());
    }
    EXPECT_TRUE((x * x).requires_grad());
  }
  EXPECT_FALSE((x * x).requires_grad());
}

TEST(SetGradEnabled, HoldsUntilTheNextCall) {
  set_grad_enabled(false);
  EXPECT_FALSE(is_grad_enabled());
  set_grad_enabled(true);
  EXPECT_TRUE(is_grad_enabled());
}

TEST(GradMode, IsTheThreadsOwn) {
  NoGradGuard no_grad;
  bool in_thread = false;
  std::thread([&] { in_thread = is_grad_enabled(); }).join();
  EXPECT_TRUE(in_thread);
}

}  // namespace
}  // namespace tessera
