// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/fault/plan.h"

#include "gtest/gtest.h"

namespace tessera::fault {
namespace {

TEST(PlanTest, ReadsSettings) {
  Settings settings;
  EXPECT_EQ(parse_settings("", &settings), "");
  EXPECT_EQ(parse_settings("kernel=10,slow_copy_us=200", &settings), "");
  EXPECT_EQ(settings.kernel, 10);
  EXPECT_EQ(settings.slow_copy_us, 200);
  EXPECT_EQ(settings.allocation, 0);
  EXPECT_EQ(parse_settings("allocation=1,delayed=2,", &settings), "");
  EXPECT_EQ(settings.allocation, 1);
  EXPECT_EQ(settings.delayed, 2);
}

TEST(PlanTest, SaysWhatItCannotRead) {
  Settings settings;
  for (const char* text : {"alocation=3", "kernel", "kernel=", "kernel=-1", "kernel=3x", "=3",
                           "kernel=1,,delayed=2", "kernel=99999999999999999999"}) {
    EXPECT_NE(parse_settings(text, &settings), "") << text;
  }
  EXPECT_EQ(
      parse_settings("delayed=1,kernel=x", &settings),
      "TESSERA_FAULT: \"kernel=x\" is not allocation, kernel, delayed or slow_copy_us, =, and "
      "a number");
}

TEST(PlanTest, OneCallIsDue) {
  Countdown countdown;
  EXPECT_FALSE(countdown.is_due());
  countdown.set(2);
  EXPECT_FALSE(countdown.is_due());
  EXPECT_TRUE(countdown.is_due());
  EXPECT_FALSE(countdown.is_due());
}

}  // namespace
}  // namespace tessera::fault
