// SPDX-License-Identifier: Apache-2.0
//
// After shutdown_backends() no thread and no buffer is left, and handles that outlive it do no
// harm. One test, because a process can shut down once.
#include <dirent.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/registry.h"

namespace tessera {
namespace {

int threads_of_this_process() {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (const dirent* entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

TEST(ShutdownTest, LeavesNoThreadAndNoBuffer) {
  const int threads_before = threads_of_this_process();
  const std::vector<Device> devices = all_devices();
  ASSERT_GE(devices.size(), 2u);  // null and reference at least
  for (const Device& device : devices) {
    {
      const Buffer buffer = *Buffer::allocate(device.state(), 1 << 20);
      ASSERT_TRUE(device.synchronize().ok());
    }
    EXPECT_EQ(device.memory()->buffers_in_use, 0u) << device.name();
  }

  testing::internal::CaptureStderr();
  shutdown_backends();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(threads_of_this_process(), threads_before);
  for (const Device& device : devices) {
    EXPECT_EQ(device.synchronize().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(device.synchronize().message(), device.name() + ": the backend was shut down");
    EXPECT_EQ(device.memory().status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(find_kernel(device.state(), 0, "copy"), nullptr);
    EXPECT_EQ(Buffer::allocate(device.state(), 1).status().code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(find_device(device.name()).status().code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_THAT(explain_backends(), testing::HasSubstr("was shut down"));
  EXPECT_TRUE(set_thread_budget(1).ok());
  shutdown_backends();
}

}  // namespace
}  // namespace tessera
