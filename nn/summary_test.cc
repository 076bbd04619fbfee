// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/summary.h"

#include "gtest/gtest.h"
#include "tessera/nn/nn.h"

namespace tessera::nn {
namespace {

struct SmallCnn : Module {
  Sequential& features = add("features", Sequential(Conv2d(1, 16, {.kernel_size = 3, .padding = 1}),
                                                    ReLU(), MaxPool2d(2), Dropout(0.1)));
  Linear& fc = add("fc", Linear(3136, 10));
  Identity& unused = add("unused", Identity());
  Tensor forward(const Tensor& x) override { return fc(features(x).flatten(1)); }
};

TEST(Summary, ShowsShapesAndNumbers) {
  SmallCnn model;
  model.fc.requires_grad_(false);
  EXPECT_EQ(summary(model, {64, 1, 28, 28}),
            "layer (type)             output shape      parameters\n"
            "-----------------------------------------------------\n"
            "SmallCnn                 [64, 10]              31,530\n"
            "  features (Sequential)  [64, 16, 14, 14]         160\n"
            "    0 (Conv2d)           [64, 16, 28, 28]         160\n"
            "    1 (ReLU)             [64, 16, 28, 28]           -\n"
            "    2 (MaxPool2d)        [64, 16, 14, 14]           -\n"
            "    3 (Dropout)          [64, 16, 14, 14]           -\n"
            "  fc (Linear)            [64, 10]              31,370\n"
            "  unused (Identity)      -                          -\n"
            "-----------------------------------------------------\n"
            "total 31,530, trainable 160, frozen 31,370\n");
}

TEST(Summary, LeavesTheModelAsItWas) {
  SmallCnn model;
  model.features.eval();
  summary(model, {1, 1, 28, 28});
  EXPECT_TRUE(model.is_training());
  EXPECT_TRUE(model.fc.is_training());
  EXPECT_FALSE(model.features.is_training());
  EXPECT_FALSE(model.features[3].is_training());
  EXPECT_ANY_THROW(summary(model, {1, 1, 5, 5}));
  EXPECT_TRUE(model.is_training());
  int calls = 0;
  model.fc.register_forward_hook([&](Module&, const Tensor&, Tensor&) { ++calls; });
  model(rand({1, 1, 28, 28}));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace tessera::nn
