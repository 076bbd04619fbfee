// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/thread_budget.h"

#include <sched.h>
#include <stdlib.h>

#include "gtest/gtest.h"

namespace tessera {
namespace {

TEST(ThreadBudgetTest, IsTheNumberOfProcessorsOfTheAffinityMask) {
  unsetenv("TESSERA_NUM_THREADS");
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(default_thread_budget(), CPU_COUNT(&before));
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(default_thread_budget(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
}

TEST(ThreadBudgetTest, IsWhatTheEnvironmentSays) {
  setenv("TESSERA_NUM_THREADS", "7", 1);
  EXPECT_EQ(default_thread_budget(), 7);
  unsetenv("TESSERA_NUM_THREADS");
}

TEST(ThreadBudgetTest, SaysThatAnImpossibleNumberIsNotUsed) {
  const int usual = default_thread_budget();
  for (const char* text : {"0", "-3", "two", "1e9", "99999"}) {
    setenv("TESSERA_NUM_THREADS", text, 1);
    testing::internal::CaptureStderr();
    EXPECT_EQ(default_thread_budget(), usual);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              std::string("tessera: TESSERA_NUM_THREADS: warning: \"") + text +
                  "\" is not used: expected a number from 1 to 4096\n");
  }
  unsetenv("TESSERA_NUM_THREADS");
}

}  // namespace
}  // namespace tessera
