// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/device.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/error.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Its plugin is no data of this test, so it stands for any backend that is not there.
constexpr char kAbsent[] = "cpu";

TEST(DeviceTest, IsFoundByBackendAndIndex) {
  const absl::StatusOr<Device> device = find_device("null");
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->name(), "null:0");
  EXPECT_EQ(device->backend(), "null");
  EXPECT_EQ(device->index(), 0);
  EXPECT_TRUE(device->is_host_visible());
  EXPECT_STREQ(device->info().name, "host memory");
  EXPECT_TRUE(device->synchronize().ok());
  EXPECT_TRUE(device->trim().ok());
  EXPECT_EQ(*device, *find_device("null:0"));
  EXPECT_EQ(*device, Device("null"));
}

TEST(DeviceTest, MalformedNamesAreInvalidArguments) {
  for (const char* name : {"", ":", ":0", "null:", "null:x", "null:-1", "null:+1", "null: 1",
                           "null:0:0", "null:99999999999", "Null", "../null", "null\n", "1null",
                           "a_name_that_is_longer_than_31_letters"}) {
    const absl::StatusOr<Device> device = find_device(name);
    EXPECT_EQ(device.status().code(), absl::StatusCode::kInvalidArgument) << device.status();
  }
}

TEST(DeviceTest, AnIndexBeyondTheLastIsOutOfRange) {
  const absl::StatusOr<Device> device = find_device("null:1");
  EXPECT_EQ(device.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(device.status().message(), "null:1: null has 1 device, counted from 0");
}

TEST(DeviceTest, AnAbsentBackendIsNotFoundAndOneLineListsTheCandidates) {
  const absl::StatusOr<Device> device = find_device(kAbsent);
  EXPECT_EQ(device.status().code(), absl::StatusCode::kNotFound);
  const std::string message(device.status().message());
  EXPECT_THAT(message, StartsWith("no backend \"cpu\"; looked at /"));
  EXPECT_THAT(message, HasSubstr("/*/backends/cpu/tessera_cpu.so (no such file)"));
  EXPECT_THAT(message, HasSubstr("/lib/tessera/tessera_cpu.so (no such file)"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(DeviceTest, ConstructorsThrowWhatFindDeviceReturns) {
  const absl::Status status = find_device(kAbsent).status();
  try {
    Device device(kAbsent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), status);
    EXPECT_EQ(error.what(), status.message());
  }
  EXPECT_THROW(Device(), Error);
}

TEST(DeviceTest, TheDefaultIsWhatWasSet) {
  set_default_device("null");
  EXPECT_EQ(Device().name(), "null:0");
}

TEST(DeviceTest, AllDevicesHasTheOnesThatAreFound) {
  const std::vector<Device> devices = all_devices();
  EXPECT_EQ(std::count(devices.begin(), devices.end(), Device("null")), 1);
}

TEST(DeviceTest, ThreadsThatAskAtOnceGetTheSameDevice) {
  std::vector<DeviceState*> found(8);
  std::vector<std::thread> threads;
  for (DeviceState*& state : found) {
    threads.emplace_back([&state] { state = find_device("null")->state(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (DeviceState* state : found) EXPECT_EQ(state, found[0]);
}

TEST(DeviceTest, NumberOfThreadsIsCheckedAndKept) {
  EXPECT_GE(get_num_threads(), 1);
  set_num_threads(3);
  EXPECT_EQ(get_num_threads(), 3);
  for (int threads : {0, -1, 1 << 20}) EXPECT_THROW(set_num_threads(threads), Error);
  EXPECT_EQ(get_num_threads(), 3);
}

}  // namespace
}  // namespace tessera
