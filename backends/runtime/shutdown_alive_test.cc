// SPDX-License-Identifier: Apache-2.0
//
// A program that shuts down while it holds buffers is told so, and comes to no harm when it lets go
// of them. What they held leaks, so this is not for leak checkers.
#include "gtest/gtest.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/registry.h"

namespace tessera {
namespace {

TEST(ShutdownAliveTest, BuffersThatOutliveTheirBackendDoNoHarm) {
  const Device device("null");
  Buffer first = *Buffer::allocate(device.state(), 100);
  Buffer second = *Buffer::allocate(device.state(), 50);
  testing::internal::CaptureStderr();
  shutdown_backends();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tessera: null:0: warning: closed with 2 live buffers of 150 bytes\n");
  int value = 0;
  EXPECT_EQ(first.write(0, &value, sizeof(value)).code(), absl::StatusCode::kFailedPrecondition);
  first.reset();
  second = Buffer();
}

}  // namespace
}  // namespace tessera
