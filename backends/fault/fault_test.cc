// SPDX-License-Identifier: Apache-2.0
//
// A plugin behind the fault plugin; BUILD runs this with several (TESSERA_FAULT_WRAPS).
#include "tessera/backends/fault/fault.h"

#include <chrono>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/error.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;

class FaultTest : public testing::Test {
 protected:
  void TearDown() override {
    fault::restore(device_);
    EXPECT_TRUE(device_.synchronize().ok());
    EXPECT_EQ(fault::counts(device_).live_buffers, 0);
    EXPECT_EQ(device_.memory()->buffers_in_use, 0u);
  }

  absl::StatusOr<Buffer> allocate() { return Buffer::allocate(device_.state(), 8); }

  // y = x, both int64 of rank 0.
  absl::Status copy(const Buffer& x, const Buffer& y) {
    DeviceState* state = device_.state();
    const TsrTensor x_tensor = {
        .struct_size = sizeof(TsrTensor), .data = x.data(), .buffer = x.raw(), .dtype = TSR_INT64};
    TsrTensor y_tensor = x_tensor;
    y_tensor.data = y.data();
    y_tensor.buffer = y.raw();
    const TsrTensor *inputs[1] = {&x_tensor}, *outputs[1] = {&y_tensor};
    const TsrNode node = {.struct_size = sizeof(TsrNode),
                          .op = "copy",
                          .inputs = inputs,
                          .outputs = outputs,
                          .n_inputs = 1,
                          .n_outputs = 1};
    PluginMessage message;
    const TsrKernel* kernel = find_kernel(state, 0, "copy");
    StreamLock lock(state);
    return message.status(kernel->launch(state->stream, &node, message.get()), state->name);
  }

  static Buffer holding(Device device, int64_t value) {
    Buffer buffer = *Buffer::allocate(device.state(), sizeof(value));
    EXPECT_TRUE(buffer.write(0, &value, sizeof(value)).ok());
    return buffer;
  }

  static int64_t value_of(const Buffer& buffer) {
    int64_t value = -1;
    EXPECT_TRUE(buffer.read(0, &value, sizeof(value)).ok());
    return value;
  }

  Device device_ = Device("fault");
};

TEST_F(FaultTest, WithoutFaultsItIsTheWrappedBackend) {
  const Buffer x = holding(device_, 17), y = holding(device_, 0);
  ASSERT_TRUE(copy(x, y).ok());
  EXPECT_EQ(value_of(y), 17);
  EXPECT_EQ(find_kernel(device_.state(), 1, "no_such_op"), nullptr);
  EXPECT_EQ(fault::counts(device_).live_buffers, 2);
}

TEST_F(FaultTest, OnlyTheNthAllocationFails) {
  const int64_t before = fault::counts(device_).allocations;
  fault::fail_allocation(device_, 3);
  std::vector<absl::StatusOr<Buffer>> buffers;
  for (int i = 0; i < 5; ++i) buffers.push_back(allocate());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(buffers[i].ok(), i != 2);
  EXPECT_EQ(buffers[2].status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(buffers[2].status().message()), HasSubstr("asked for 8 bytes, "));
  EXPECT_EQ(fault::counts(device_).allocations, before + 5);
  EXPECT_EQ(fault::counts(device_).live_buffers, 4);
}

TEST_F(FaultTest, ALostDeviceStaysLostUntilItIsRestored) {
  const Buffer x = holding(device_, 17), y = holding(device_, 0);
  fault::lose_device(device_, 2);
  EXPECT_TRUE(copy(x, y).ok());
  {
    const absl::StatusOr<Buffer> freed_while_lost = allocate();
    const absl::Status lost = copy(x, y);
    EXPECT_EQ(lost.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(lost.message(), "fault:0: copy: injected: device lost");
  }
  EXPECT_EQ(copy(x, y).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(allocate().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(device_.synchronize().code(), absl::StatusCode::kUnavailable);
  int64_t value;
  EXPECT_EQ(x.read(0, &value, 8).code(), absl::StatusCode::kUnavailable);
  fault::restore(device_);
  EXPECT_TRUE(copy(x, y).ok());
  EXPECT_EQ(value_of(y), 17);
}

TEST_F(FaultTest, AnErrorOfQueuedWorkComesOutAtTheNextWaitWithTheOpsName) {
  const Buffer x = holding(device_, 17), y = holding(device_, 3), z = holding(device_, 5);
  fault::fail_later(device_, 1);
  EXPECT_TRUE(copy(x, y).ok());
  EXPECT_TRUE(copy(x, z).ok());
  const absl::Status status = device_.synchronize();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("fault:0: copy: injected failure of kernel"));
  EXPECT_TRUE(device_.synchronize().ok());
  EXPECT_EQ(value_of(y), 3);
  EXPECT_EQ(value_of(z), 5);
  EXPECT_TRUE(copy(x, z).ok());
  EXPECT_EQ(value_of(z), 17);
}

TEST_F(FaultTest, AReadWaitsAndReturnsTheErrorOfQueuedWork) {
  const Buffer x = holding(device_, 17), y = holding(device_, 3);
  fault::fail_later(device_, 1);
  EXPECT_TRUE(copy(x, y).ok());
  int64_t value = 99;
  EXPECT_EQ(y.read(0, &value, sizeof(value)).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(value, 99);
}

TEST_F(FaultTest, SlowCopiesTakeLonger) {
  fault::slow_copies(device_, std::chrono::milliseconds(20));
  const auto begin = std::chrono::steady_clock::now();
  const Buffer x = holding(device_, 17);
  EXPECT_EQ(value_of(x), 17);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(40));
}

TEST(FaultNamesTest, OtherDevicesCannotBeArmed) {
  try {
    fault::fail_allocation(Device("null"), 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_STREQ(error.what(), "null:0 is not a device of the fault plugin");
  }
}

}  // namespace
}  // namespace tessera
