// SPDX-License-Identifier: Apache-2.0
//
// The plugin loads on every machine, and says why where it has no device.
#include <dlfcn.h>

#include <algorithm>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/registry.h"

namespace tessera {
namespace {

TEST(PluginTest, SaysWhyThereIsNoDeviceWithoutADriver) {
  const absl::StatusOr<BackendState*> backend = find_backend("cuda");
  ASSERT_TRUE(backend.ok()) << backend.status();
  const std::vector<BackendCandidate> all = backend_candidates();
  const auto taken = std::find_if(all.begin(), all.end(), [](const BackendCandidate& c) {
    return c.backend == "cuda" && c.taken;
  });
  ASSERT_NE(taken, all.end());
  const absl::StatusOr<DeviceState*> device = open_device(*backend, 0);
  if (dlopen("libcuda.so.1", RTLD_NOW) != nullptr) {
    if (!device.ok()) GTEST_SKIP() << "a driver without a device: " << device.status();
    EXPECT_EQ(taken->reason.find("no device"), std::string::npos) << taken->reason;
    return;
  }
  const std::string why = "the NVIDIA driver is not there: libcuda.so.1: ";
  EXPECT_NE(taken->reason.find(why), std::string::npos) << taken->reason;
  EXPECT_EQ(device.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(device.status().message()).find(why), std::string::npos) << device.status();
}

}  // namespace
}  // namespace tessera
