// SPDX-License-Identifier: Apache-2.0
//
// Running out of memory, at every allocation of a training step in turn: the step throws
// kResourceExhausted, leaks nothing, and training goes on.
#include <cmath>
#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/backends/fault/fault.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

// A model, its optimizer and a batch, on the failing device.
struct Training {
  Training()
      : model(nn::Conv2d(1, 4, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
              nn::Dropout(0.1), nn::Flatten(), nn::Linear(4 * 3 * 3, 5)),
        optimizer(model.parameters(), {.lr = 1e-2}),
        x(rand({8, 1, 6, 6})),
        y(randint(0, 5, {8})) {}

  double step() {
    optimizer.zero_grad();
    Tensor loss = nn::functional::cross_entropy(model(x), y);
    loss.backward();
    optimizer.step();
    return loss.item<double>();
  }

  nn::Sequential model;
  optim::Adam optimizer;
  Tensor x, y;
};

class OutOfMemory : public testing::Test {
 protected:
  void SetUp() override {
    device_ = std::make_unique<Device>("fault");
    set_default_device(*device_);
  }
  void TearDown() override { fault::restore(*device_); }

  // Allocations that `work` asks for.
  int64_t count(const std::function<void()>& work) {
    int64_t before = fault::counts(*device_).allocations;
    work();
    return fault::counts(*device_).allocations - before;
  }

  // Runs `work` with its nth allocation failing.
  void expect_failure(int64_t n, const std::function<void()>& work) {
    fault::fail_allocation(*device_, n);
    try {
      work();
      ADD_FAILURE() << "allocation " << n << " failed and nobody noticed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), absl::StatusCode::kResourceExhausted)
          << "allocation " << n << ": " << error.what();
    }
    fault::restore(*device_);
  }

  std::unique_ptr<Device> device_;
};

TEST_F(OutOfMemory, AnyAllocationOfATrainingStep) {
  Training training;
  training.step();  // the optimizer's state is there now
  training.optimizer.zero_grad();
  const int64_t live = fault::counts(*device_).live_buffers;
  const int64_t allocations = count([&] { training.step(); });
  ASSERT_GT(allocations, 10);
  for (int64_t n = 1; n <= allocations; ++n) {
    SCOPED_TRACE(n);
    expect_failure(n, [&] { training.step(); });
    training.optimizer.zero_grad();
    EXPECT_EQ(fault::counts(*device_).live_buffers, live);
    EXPECT_TRUE(std::isfinite(training.step()));
  }
}

TEST_F(OutOfMemory, AnyAllocationOfTheFirstStep) {
  const int64_t allocations = count([] { Training().step(); });
  const int64_t live = fault::counts(*device_).live_buffers;
  for (int64_t n = 1; n <= allocations; ++n) {
    SCOPED_TRACE(n);
    expect_failure(n, [] { Training().step(); });
    EXPECT_EQ(fault::counts(*device_).live_buffers, live);
  }
  EXPECT_TRUE(std::isfinite(Training().step()));
}

TEST_F(OutOfMemory, TrainingGoesOnAsIfNothingHadHappened) {
  auto losses = [&](bool fail) {
    manual_seed(3);
    Training training;
    std::vector<double> result;
    for (int i = 0; i < 10; ++i) {
      if (fail && i == 5) {
        Generator place = default_generator();
        expect_failure(4, [&] { training.step(); });
        set_default_generator(place);  // the failed step drew its dropout mask
      }
      result.push_back(training.step());
    }
    return result;
  };
  EXPECT_EQ(losses(true), losses(false));
}

TEST_F(OutOfMemory, LostDeviceIsAStatusWithTheOpsName) {
  Training training;
  training.step();
  fault::lose_device(*device_, 3);
  try {
    training.step();
    ADD_FAILURE() << "the device was lost and nobody noticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kUnavailable) << error.what();
  }
  fault::restore(*device_);
  EXPECT_TRUE(std::isfinite(training.step()));
}

}  // namespace
}  // namespace tessera
