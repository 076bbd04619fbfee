// SPDX-License-Identifier: Apache-2.0
//
// main() of tests that run on a backend: the default device is what the environment variable
// TESSERA_BACKEND names (set by --//:backend), "cpu" if it is not set.
#include <cstdlib>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/device.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const char* name = std::getenv("TESSERA_BACKEND"); name != nullptr && name[0] != '\0') {
    tessera::set_default_device(tessera::Device(name));
  }
  return RUN_ALL_TESTS();
}
