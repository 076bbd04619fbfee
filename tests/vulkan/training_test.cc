// SPDX-License-Identifier: Apache-2.0
//
// The README's CNN, trained for 100 steps on the Vulkan device and on the CPU from the same seed.
//
// The two round differently, in the sums of products above all, by some 1e-6 of a loss at first.
// Adam divides by the root of the second moment, which turns that into a difference of up to the
// learning rate in weights whose gradient is nearly zero, so that losses part slowly: within 1e-4
// of each other over the first 20 steps and within 2e-2 over all 100.
#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

constexpr int kSteps = 100, kBatch = 16;

struct Result {
  std::vector<double> losses;
  std::vector<float> weights;  // of the first layer, before training
};

Result train(const char* backend) {
  set_default_device(Device(backend));
  manual_seed(5);
  nn::Sequential model(nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(),
                       nn::MaxPool2d(2), nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}),
                       nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Dropout(0.25),
                       nn::Linear(32 * 7 * 7, 10));
  nn::CrossEntropyLoss criterion;
  optim::Adam optimizer(model.parameters(), {.lr = 1e-3});
  Result result;
  result.weights = model.parameters()[0].to_vector<float>();

  const data::SyntheticDigits digits(kBatch * kSteps);
  std::vector<double> losses;
  for (int step = 0; step < kSteps; ++step) {
    std::vector<int64_t> indices(kBatch);
    for (int k = 0; k < kBatch; ++k) indices[k] = step * kBatch + k;
    auto [images, labels] = digits.get_batch(indices);
    const Tensor x = images.to(Device(backend)).to(kFloat32).div(255).unsqueeze(1);
    const Tensor y = labels.to(Device(backend));
    optimizer.zero_grad();
    Tensor loss = criterion(model(x), y);
    loss.backward();
    optimizer.step();
    result.losses.push_back(loss.item<double>());
  }
  raise_if_error(Device(backend).synchronize());
  return result;
}

TEST(VulkanTrainingTest, LossesFollowTheCpus) {
  const Result cpu = train("cpu"), vulkan = train("vulkan");
  for (const Fallback& fallback : fallbacks()) {
    EXPECT_NE(fallback.device.substr(0, 6), "vulkan") << fallback.op << ": " << fallback.reason;
  }
  EXPECT_EQ(vulkan.weights, cpu.weights);  // random bits are the same everywhere
  for (int step = 0; step < kSteps; ++step) {
    EXPECT_NEAR(vulkan.losses[step], cpu.losses[step], step < 20 ? 1e-4 : 2e-2) << step;
  }
  EXPECT_LT(vulkan.losses.back(), 0.5 * vulkan.losses.front());
}

// More than the device has is refused, with the op's name, and training goes on.
TEST(VulkanTrainingTest, GoesOnAfterOutOfMemory) {
  const Device device("vulkan");
  set_default_device(device);
  manual_seed(2);
  nn::Linear model(16, 4);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  const Tensor x = rand({8, 16}), y = rand({8, 4});
  auto step = [&] {
    optimizer.zero_grad();
    Tensor loss = nn::functional::mse_loss(model(x), y);
    loss.backward();
    optimizer.step();
    return loss.item<double>();
  };
  const double first = step();
  const int64_t too_many = static_cast<int64_t>(device.info().memory_bytes / 4) + 1;
  try {
    zeros({too_many});
    ADD_FAILURE() << "got " << too_many << " float32";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kResourceExhausted) << error.what();
  }
  double last = first;
  for (int k = 0; k < 20; ++k) last = step();
  EXPECT_LT(last, first);
  EXPECT_TRUE(std::isfinite(last));
}

}  // namespace
}  // namespace tessera
