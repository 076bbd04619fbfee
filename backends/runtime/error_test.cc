// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/error.h"

#include "gtest/gtest.h"

namespace tessera {
namespace {

TEST(ErrorTest, CarriesTheStatus) {
  const absl::Status status = absl::OutOfRangeError("index 7, size 3");
  try {
    raise_if_error(status);
    FAIL();
  } catch (const std::exception& error) {
    EXPECT_STREQ(error.what(), "index 7, size 3");
    EXPECT_EQ(dynamic_cast<const Error&>(error).status(), status);
    EXPECT_EQ(dynamic_cast<const Error&>(error).code(), absl::StatusCode::kOutOfRange);
  }
  raise_if_error(absl::OkStatus());
}

TEST(ErrorTest, ValueOrRaiseGivesTheValue) {
  EXPECT_EQ(*value_or_raise<std::unique_ptr<int>>(std::make_unique<int>(3)), 3);
  EXPECT_THROW(value_or_raise<int>(absl::NotFoundError("x")), Error);
}

}  // namespace
}  // namespace tessera
