// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/progress.h"

#include "gtest/gtest.h"

namespace tessera::examples {
namespace {

TEST(ProgressLine, ShowsPartRateAndTimeLeft) {
  EXPECT_EQ(progress_line("Epoch 1", 3000, 12000, 2, 80),
            "Epoch 1  25% [=======                       ] 3,000 images, 1,500/s, 0:06 left");
  EXPECT_EQ(progress_line("Epoch 1", 12000, 12000, 200, 80),
            "Epoch 1 100% [==============================] 12,000 images, 60/s, 0:00 left");
  EXPECT_EQ(progress_line("Step 1", 50, 100, 10, 80, "steps"),
            "Step 1  50% [===============               ] 50 steps, 5/s, 0:10 left");
  EXPECT_EQ(progress_line("x", 1, 1000001, 0.01, 80),
            "x   0% [                              ] 1 images, 100/s, 166:40 left");
}

TEST(ProgressLine, FitsTheTerminal) {
  for (int columns = 0; columns < 100; ++columns) {
    EXPECT_LT(progress_line("Epoch 1", 3000, 12000, 2, columns).size(),
              static_cast<size_t>(std::max(columns, 1)));
  }
}

TEST(ProgressLine, NothingDoneAndNothingToDo) {
  EXPECT_EQ(progress_line("x", 0, 10, 0, 60),
            "x   0% [                         ] 0 images, 0/s, 0:00 left");
  EXPECT_EQ(progress_line("x", 0, 0, 0, 30).substr(0, 6), "x 100%");
}

}  // namespace
}  // namespace tessera::examples
