// SPDX-License-Identifier: Apache-2.0
//
// The plugin under TESSERA_FAULT="allocation=2", as BUILD sets it.
#include "gtest/gtest.h"
#include "tessera/backends/fault/fault.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device.h"

namespace tessera {
namespace {

TEST(EnvironmentTest, ArmsTheFaultsOfADeviceThatIsOpened) {
  const Device device("fault");
  EXPECT_TRUE(Buffer::allocate(device.state(), 8).ok());
  EXPECT_EQ(Buffer::allocate(device.state(), 8).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Buffer::allocate(device.state(), 8).ok());
  EXPECT_EQ(fault::counts(device).allocations, 3);
}

}  // namespace
}  // namespace tessera
