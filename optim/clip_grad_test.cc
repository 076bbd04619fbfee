// SPDX-License-Identifier: Apache-2.0
//
// Norms are compared with PyTorch's in tests/goldens.
#include "tessera/optim/clip_grad.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn::utils {
namespace {

Tensor with_grad(std::vector<float> gradient) {
  Tensor p = zeros({static_cast<int64_t>(gradient.size())}, {.requires_grad = true});
  p.set_grad(tensor(gradient));
  return p;
}

TEST(ClipGradNorm, ScalesAllGradientsTogether) {
  Tensor a = with_grad({3}), b = with_grad({0, 4}), none = zeros({2}, {.requires_grad = true});
  EXPECT_FLOAT_EQ(clip_grad_norm_({a, b, none}, 1).item<float>(), 5);
  EXPECT_NEAR(a.grad()[0].item<float>(), 0.6, 1e-6);
  EXPECT_NEAR(b.grad()[1].item<float>(), 0.8, 1e-6);
  EXPECT_FALSE(none.grad().defined());
}

TEST(ClipGradNorm, LeavesSmallGradients) {
  Tensor a = with_grad({3, 4});
  clip_grad_norm_({a}, 5.01);
  EXPECT_EQ(a.grad().to_vector<float>(), (std::vector<float>{3, 4}));
}

TEST(ClipGradNorm, ChecksOnRequest) {
  Tensor a = with_grad({std::numeric_limits<float>::infinity(), 1});
  EXPECT_THROW(clip_grad_norm_({a}, 1, {.error_if_nonfinite = true}), Error);
  EXPECT_EQ(a.grad()[1].item<float>(), 1);
  EXPECT_TRUE(std::isinf(clip_grad_norm_({a}, 1).item<float>()));
  EXPECT_EQ(a.grad()[1].item<float>(), 0);
  EXPECT_THROW(clip_grad_norm_({a}, 1, {.norm_type = std::nan("")}), Error);
}

TEST(ClipGradNorm, InTwoParts) {
  Tensor a = with_grad({3}), b = with_grad({0, 4});
  const Tensor total = get_total_norm({a.grad(), b.grad()}, {.norm_type = 1});
  EXPECT_EQ(total.item<float>(), 7);
  clip_grads_with_norm_({a, b}, 3.5, total);
  EXPECT_NEAR(a.grad()[0].item<float>(), 1.5, 1e-6);
  EXPECT_NEAR(b.grad()[1].item<float>(), 2, 1e-6);
}

TEST(ClipGradNorm, NothingToClip) { EXPECT_EQ(clip_grad_norm_({}, 1).item<float>(), 0); }

TEST(ClipGradValue, HoldsEachElement) {
  Tensor a = with_grad({-3, 0.5, 2});
  clip_grad_value_({a}, 1);
  EXPECT_EQ(a.grad().to_vector<float>(), (std::vector<float>{-1, 0.5, 1}));
  EXPECT_THROW(clip_grad_value_({a}, -1), Error);
}

}  // namespace
}  // namespace tessera::nn::utils
