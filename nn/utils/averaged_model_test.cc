// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/averaged_model.h"

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"

namespace tessera::nn::utils {
namespace {

struct Net : Module {
  Linear& fc = add("fc", Linear(3, 2, {.dtype = kFloat64}));
  BatchNorm1d& norm = add("norm", BatchNorm1d(2, {.dtype = kFloat64}));
  Tensor forward(const Tensor& x) override { return norm(fc(x)); }
};

// Gives the model's parameters other values and returns the weight's.
Tensor change(Net& model) {
  for (const Tensor& p : model.parameters()) p.detach().uniform_(-1, 1);
  return model.fc.weight.detach().clone();
}

TEST(AveragedModel, SwaIsThePlainMean) {
  Net model;
  AveragedModel<Net> averaged{Net()};
  Tensor sum;
  for (int k = 1; k <= 4; ++k) {
    const Tensor w = change(model);
    sum = sum.defined() ? sum + w : w;
    averaged.update_parameters(model);
    EXPECT_TRUE(allclose(averaged.module.fc.weight.detach(), sum / k, 1e-12));
  }
  EXPECT_EQ(averaged.n_averaged.item<int64_t>(), 4);
}

TEST(AveragedModel, EmaForgets) {
  Net model;
  AveragedModel<Net> averaged(Net(), {.average = ema_average(0.75)});
  Tensor expected = change(model);
  averaged.update_parameters(model);
  for (int k = 0; k < 3; ++k) {
    expected = expected * 0.75 + change(model) * 0.25;
    averaged.update_parameters(model);
  }
  EXPECT_TRUE(allclose(averaged.module.fc.weight.detach(), expected, 1e-12));
}

TEST(AveragedModel, BuffersAreCopiedOrAveraged) {
  for (bool use_buffers : {false, true}) {
    Net model;
    AveragedModel<Net> averaged(Net(), {.use_buffers = use_buffers});
    model.norm.running_mean.fill_(1);
    averaged.update_parameters(model);
    model.norm.running_mean.fill_(2);
    model.norm.num_batches_tracked.fill_(7);
    averaged.update_parameters(model);
    EXPECT_EQ(averaged.module.norm.running_mean[0].item<double>(), use_buffers ? 1.5 : 2);
    EXPECT_EQ(averaged.module.norm.num_batches_tracked.item<int64_t>(), 7);
  }
}

TEST(AveragedModel, NamesAreThoseOfPyTorch) {
  AveragedModel<Linear> averaged(Linear(3, 2));
  EXPECT_EQ(averaged.state_dict().keys(),
            (std::vector<std::string>{"n_averaged", "module.weight", "module.bias"}));
}

TEST(AveragedModel, RefusesAnotherModel) {
  AveragedModel<Linear> averaged(Linear(3, 2));
  EXPECT_THROW(averaged.update_parameters(Linear(4, 2)), Error);
  EXPECT_THROW(averaged.update_parameters(Linear(3, 2, {.bias = false})), Error);
  EXPECT_THROW(ema_average(1.5), Error);
  EXPECT_EQ(averaged.n_averaged.item<int64_t>(), 0);
}

TEST(UpdateBn, StatisticsAreThoseOfAllBatches) {
  Net model;
  change(model);
  model.eval();
  model.norm.running_mean.fill_(5);
  const Tensor x = randn({12, 3}, {.dtype = kFloat64});
  update_bn(split(x, 4), model);
  const Tensor rows = model.fc(x).detach();
  EXPECT_TRUE(allclose(model.norm.running_mean, rows.mean({0}), 1e-12));
  EXPECT_FALSE(model.is_training());
  EXPECT_EQ(model.norm.momentum(), 0.1);
  Linear without(3, 2);
  update_bn(split(x, 4), without);  // leaves it alone
  EXPECT_TRUE(without.is_training());
}

}  // namespace
}  // namespace tessera::nn::utils
