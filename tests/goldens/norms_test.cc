// SPDX-License-Identifier: Apache-2.0
//
// Normalisation layers against PyTorch, and what they refuse.
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tests/goldens/module_golden.h"

namespace tessera::goldens {
namespace {

using MakeLayer = std::function<std::unique_ptr<nn::Module>(const GoldenCase&)>;

template <class M>
MakeLayer channel_layer() {
  return [](const GoldenCase& g) {
    nn::BatchNormOptions options = {.eps = g.number("eps", 1e-5),
                                    .momentum = g.number("momentum", 0.1),
                                    .affine = g.flag("affine", true),
                                    .bias = g.flag("bias", true),
                                    .track_running_stats = g.flag("track_running_stats", true)};
    if (options.momentum == -1) options.momentum = std::nullopt;
    return std::make_unique<M>(g.integer("features", 0), options);
  };
}

template <class M>
MakeLayer instance_layer() {
  return [](const GoldenCase& g) {
    return std::make_unique<M>(
        g.integer("features", 0),
        nn::InstanceNormOptions{.eps = g.number("eps", 1e-5),
                                .momentum = g.number("momentum", 0.1),
                                .affine = g.flag("affine"),
                                .track_running_stats = g.flag("track_running_stats")});
  };
}

const std::map<std::string, MakeLayer>& makers() {
  static const auto* const table = new std::map<std::string, MakeLayer>{
      {"LayerNorm",
       [](const GoldenCase& g) {
         return std::make_unique<nn::LayerNorm>(
             Shape(g.integers("shape")),
             nn::LayerNormOptions{.eps = g.number("eps", 1e-5),
                                  .elementwise_affine = g.flag("elementwise_affine", true),
                                  .bias = g.flag("bias", true)});
       }},
      {"RMSNorm",
       [](const GoldenCase& g) {
         nn::RMSNormOptions options = {.elementwise_affine = g.flag("elementwise_affine", true)};
         if (g.has_option("eps")) options.eps = g.number("eps", 0);
         return std::make_unique<nn::RMSNorm>(Shape(g.integers("shape")), options);
       }},
      {"GroupNorm",
       [](const GoldenCase& g) {
         return std::make_unique<nn::GroupNorm>(
             g.integer("groups", 0), g.integer("channels", 0),
             nn::GroupNormOptions{.eps = g.number("eps", 1e-5),
                                  .affine = g.flag("affine", true),
                                  .bias = g.flag("bias", true)});
       }},
      {"LocalResponseNorm",
       [](const GoldenCase& g) {
         return std::make_unique<nn::LocalResponseNorm>(
             g.integer("size", 0), nn::LocalResponseNormOptions{.alpha = g.number("alpha", 1e-4),
                                                                .beta = g.number("beta", 0.75),
                                                                .k = g.number("k", 1)});
       }},
      {"BatchNorm1d", channel_layer<nn::BatchNorm1d>()},
      {"BatchNorm2d", channel_layer<nn::BatchNorm2d>()},
      {"BatchNorm3d", channel_layer<nn::BatchNorm3d>()},
      {"InstanceNorm1d", instance_layer<nn::InstanceNorm1d>()},
      {"InstanceNorm2d", instance_layer<nn::InstanceNorm2d>()},
      {"InstanceNorm3d", instance_layer<nn::InstanceNorm3d>()},
  };
  return *table;
}

TEST(NormGoldens, EveryCase) {
  std::map<std::string, int> seen;
  for (const GoldenCase& golden : load_goldens("norms")) {
    SCOPED_TRACE(golden.name);
    ASSERT_TRUE(makers().count(golden.text("layer"))) << golden.text("layer");
    std::unique_ptr<nn::Module> module = makers().at(golden.text("layer"))(golden);
    check_module(golden, *module);
    ++seen[golden.text("layer")];
  }
  for (const auto& entry : makers()) EXPECT_GT(seen[entry.first], 1) << entry.first;
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(Norms, RefuseInputsThatDoNotFit) {
  EXPECT_NE(error_of([] { nn::LayerNorm(5)(rand({2, 4})); }).find("[2, 4]"), std::string::npos);
  error_of([] { nn::LayerNorm(Shape{}); });
  error_of([] { nn::GroupNorm(4, 6); });
  error_of([] { nn::GroupNorm(2, 6)(rand({2, 4, 3})); });
  error_of([] { nn::BatchNorm1d(3)(rand({2, 3, 4, 5})); });
  error_of([] { nn::BatchNorm2d(3)(rand({3, 4, 5})); });
  EXPECT_NE(error_of([] {
              nn::BatchNorm2d(3)(rand({2, 4, 4, 5}));
            }).find("3 channels"),
            std::string::npos);
  error_of([] { nn::BatchNorm1d(3)(rand({1, 3})); });
  error_of([] { nn::InstanceNorm1d(3)(rand({2, 3, 1})); });
  error_of([] { nn::InstanceNorm2d(3)(rand({2, 4, 2, 2})); });
  error_of([] { nn::LocalResponseNorm(2)(rand({2, 4})); });
  error_of([] { nn::functional::batch_norm(rand({2, 3}), {}, {}); });
  error_of([] { nn::LayerNorm(5, {.dtype = kFloat64})(rand({2, 5})); });
}

TEST(BatchNorm, RefusedBatchLeavesRunningStatisticsAlone) {
  nn::BatchNorm1d norm(3);
  error_of([&] { norm(rand({1, 3})); });
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 0);
  EXPECT_EQ(norm.running_mean.abs().sum().item<float>(), 0);
}

TEST(BatchNorm, CumulativeStatisticsAreThoseOfAllBatches) {
  nn::BatchNorm1d norm(2, {.momentum = std::nullopt, .dtype = kFloat64});
  const Tensor x = randn({12, 2}, {.dtype = kFloat64});
  for (const Tensor& batch : split(x, 4)) norm(batch);
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 3);
  EXPECT_TRUE(allclose(norm.running_mean, x.mean({0}), 1e-12));
  norm.reset_running_stats();
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 0);
  EXPECT_EQ(norm.running_var.sum().item<double>(), 2);
}

TEST(BatchNorm, HasGradientsOfGradients) {
  for (bool training : {true, false}) {
    nn::BatchNorm2d norm(2, {.dtype = kFloat64});
    norm.train(training);
    const absl::Status status = gradgradcheck([&](const Tensor& x) { return norm(x); },
                                              randn({2, 2, 2, 3}, {.dtype = kFloat64}));
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST(Norms, HalfPrecisionIsComputedInFloat32) {
  // The mean is 256 times the deviation: statistics in bfloat16 would be of no use.
  const Tensor x = randn({4, 64}) * 0.5 + 128;
  for (DType dtype : {kFloat16, kBFloat16}) {
    const Tensor half = x.to(dtype);
    nn::LayerNorm norm(64, {.dtype = dtype});
    nn::LayerNorm wide(64);
    EXPECT_EQ(norm(half).dtype(), dtype);
    EXPECT_TRUE(allclose(norm(half).to(kFloat32), wide(half.to(kFloat32)), 1e-2, 1e-2));
    nn::BatchNorm1d batch(64, {.dtype = dtype});
    EXPECT_EQ(batch(half).dtype(), dtype);
    EXPECT_EQ(batch.running_mean.dtype(), dtype);
    EXPECT_EQ(batch.eval()(half).dtype(), dtype);
  }
}

}  // namespace
}  // namespace tessera::goldens
