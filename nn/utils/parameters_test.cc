// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/parameters.h"

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"

namespace tessera::nn::utils {
namespace {

TEST(Parameters, GoToAVectorAndBack) {
  Linear linear(3, 2);
  const Tensor flat = parameters_to_vector(linear.parameters());
  ASSERT_EQ(flat.shape(), Shape{8});
  EXPECT_TRUE(equal(narrow(flat, 0, 0, 6).detach(), linear.weight.detach().flatten()));
  EXPECT_TRUE(equal(narrow(flat, 0, 6, 2).detach(), linear.bias.detach()));
  const Tensor doubled = (flat * 2).detach();
  vector_to_parameters(doubled, linear.parameters());
  EXPECT_TRUE(equal(parameters_to_vector(linear.parameters()).detach(), doubled));
  EXPECT_TRUE(linear.weight.requires_grad());
}

TEST(Parameters, VectorIsDifferentiable) {
  Linear linear(3, 2);
  (parameters_to_vector(linear.parameters()) * arange(8).to(kFloat32)).sum().backward();
  EXPECT_TRUE(equal(linear.bias.grad(), tensor<float>({6, 7})));
}

TEST(Parameters, RefuseAnotherNumberOfElements) {
  Linear linear(3, 2);
  const Tensor before = linear.weight.detach().clone();
  EXPECT_THROW(vector_to_parameters(rand({9}), linear.parameters()), Error);
  EXPECT_THROW(vector_to_parameters(rand({4, 2}), linear.parameters()), Error);
  EXPECT_THROW(parameters_to_vector({}), Error);
  EXPECT_TRUE(equal(linear.weight.detach(), before));
}

}  // namespace
}  // namespace tessera::nn::utils
