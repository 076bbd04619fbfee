// SPDX-License-Identifier: Apache-2.0
//
// Built with error.cc as -fno-exceptions has it.
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"

namespace tessera {
namespace {

TEST(ErrorWithoutExceptionsDeathTest, PrintsOneLineAndAborts) {
  EXPECT_DEATH(raise(absl::OutOfRangeError("index 7, size 3")),
               "^tessera: fatal: OUT_OF_RANGE: index 7, size 3\n$");
}

}  // namespace
}  // namespace tessera
