// SPDX-License-Identifier: Apache-2.0
//
// Weights divided by their greatest singular value, against PyTorch.
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/module_golden.h"

namespace tessera::goldens {
namespace {

std::unique_ptr<nn::Module> make_layer(const GoldenCase& golden) {
  if (golden.name == "linear/bias") return std::make_unique<nn::Linear>(3, 4);
  if (absl::StartsWith(golden.name, "linear/")) return std::make_unique<nn::Linear>(5, 4);
  if (absl::StartsWith(golden.name, "conv2d/")) {
    return std::make_unique<nn::Conv2d>(2, 3, nn::Conv2dOptions{.kernel_size = {2, 3}});
  }
  if (absl::StartsWith(golden.name, "conv_transpose1d/")) {
    return std::make_unique<nn::ConvTranspose1d>(3, 2,
                                                 nn::ConvTranspose1dOptions{.kernel_size = 3});
  }
  EXPECT_TRUE(absl::StartsWith(golden.name, "conv_transpose3d/")) << golden.name;
  return std::make_unique<nn::ConvTranspose3d>(2, 3, nn::ConvTranspose3dOptions{.kernel_size = 2});
}

TEST(SpectralNormGoldens, Layers) {
  for (const char* kind : {"linear/", "conv2d/", "conv_transpose1d/", "conv_transpose3d/"}) {
    for (const GoldenCase& golden : load_goldens("spectral_norm", kind)) {
      SCOPED_TRACE(golden.name);
      nn::utils::SpectralNormOptions options = {
          .name = golden.text("parameter", "weight"),
          .n_power_iterations = golden.integer("n_power_iterations", 1),
          .eps = golden.number("eps", 1e-12)};
      if (golden.has_option("dim")) options.dim = golden.integer("dim", 0);
      std::unique_ptr<nn::Module> layer = make_layer(golden);
      nn::utils::spectral_norm(*layer, options);
      check_module(golden, *layer);
    }
  }
}

TEST(SpectralNormGoldens, Removed) {
  const GoldenCase golden = load_goldens("spectral_norm", "removed").at(0);
  nn::Linear layer(5, 4, {.dtype = kFloat64});
  nn::utils::spectral_norm(layer);
  ASSERT_TRUE(layer.load_state_dict(golden.tensors.with_prefix("state/")).ok());
  nn::utils::remove_spectral_norm(layer);  // while training, without another iteration
  EXPECT_EQ(layer.state_dict().keys(), (std::vector<std::string>{"bias", "weight"}));
  expect_close(layer.weight.detach(), golden.tensor("weight"));
  EXPECT_TRUE(layer.buffers().empty());
}

TEST(SpectralNorm, BringsTheGreatestSingularValueToOne) {
  nn::Linear layer(6, 4, {.bias = false, .dtype = kFloat64});
  nn::utils::spectral_norm(layer, {.n_power_iterations = 200});
  layer(zeros({1, 6}, {.dtype = kFloat64}));
  nn::utils::remove_spectral_norm(layer);
  // The largest eigenvalue of W W^T, by another power iteration.
  Tensor gram = matmul(layer.weight.detach(), layer.weight.detach().t());
  for (int i = 0; i < 12; ++i) gram = matmul(gram, gram) / norm(gram);
  const Tensor direction = gram[0] / norm(gram[0]);
  EXPECT_NEAR(norm(matmul(layer.weight.detach().t(), direction)).item<double>(), 1, 1e-6);
}

TEST(SpectralNorm, RefusesWhatDoesNotFit) {
  nn::Linear layer(3, 2);
  EXPECT_THROW(nn::utils::spectral_norm(layer, {.name = "wait"}), Error);
  EXPECT_THROW(nn::utils::spectral_norm(layer, {.n_power_iterations = 0}), Error);
  EXPECT_THROW(nn::utils::spectral_norm(layer, {.dim = 2}), Error);
  EXPECT_THROW(nn::utils::remove_spectral_norm(layer), Error);
  EXPECT_EQ(layer.state_dict().keys(), (std::vector<std::string>{"weight", "bias"}));
}

}  // namespace
}  // namespace tessera::goldens
