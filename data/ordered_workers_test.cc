// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/ordered_workers.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace tessera::data {
namespace {

TEST(OrderedWorkers, GivesNumbersInOrderForAnyThreadsAndSlots) {
  for (int threads : {1, 2, 5}) {
    for (int slots : {1, 2, 7}) {
      std::vector<int64_t> made(static_cast<size_t>(slots), -1);
      OrderedWorkers workers(threads);
      workers.start(slots, 100, [&](int64_t number, int slot) {
        // Later numbers would overtake earlier ones.
        if (number % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
        made[static_cast<size_t>(slot)] = number * number;
      });
      for (int64_t number = 0; number < 100; ++number) {
        const int slot = workers.wait();
        ASSERT_EQ(made[static_cast<size_t>(slot)], number * number) << threads << " " << slots;
        workers.release();
      }
    }
  }
}

TEST(OrderedWorkers, AreNeverMoreThanTheSlotsAhead) {
  std::atomic<int64_t> started{0}, released{0};
  std::atomic<int64_t> most_ahead{0};
  OrderedWorkers workers(4);
  workers.start(3, 200, [&](int64_t, int) {
    const int64_t ahead = ++started - released.load();
    int64_t most = most_ahead.load();
    while (ahead > most && !most_ahead.compare_exchange_weak(most, ahead)) {
    }
  });
  for (int i = 0; i < 200; ++i) {
    workers.wait();
    ++released;  // before release(), so that the count of those ahead is not too high
    workers.release();
  }
  EXPECT_LE(most_ahead.load(), 3);
  EXPECT_GE(most_ahead.load(), 1);
}

TEST(OrderedWorkers, RunAheadOfTheConsumer) {
  absl::Notification third;
  OrderedWorkers workers(1);
  workers.start(3, 10, [&](int64_t number, int) {
    if (number == 2) third.Notify();
  });
  third.WaitForNotification();  // nothing was taken yet
}

TEST(OrderedWorkers, AnErrorComesOutInItsPlace) {
  OrderedWorkers workers(2);
  workers.start(4, 10, [&](int64_t number, int) {
    if (number == 5) throw std::runtime_error("five");
  });
  for (int number = 0; number < 5; ++number) {
    workers.wait();
    workers.release();
  }
  try {
    workers.wait();
    FAIL() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "five");
  }
}

TEST(OrderedWorkers, AreJoinedWhenTheConsumerLeavesEarly) {
  std::atomic<int> running{0}, calls{0};
  for (int round = 0; round < 50; ++round) {
    {
      OrderedWorkers workers(3);
      workers.start(4, 1000000, [&](int64_t, int) {
        ++running;
        ++calls;
        --running;
      });
      if (round % 2 == 0) {
        workers.wait();
        workers.release();
      }
    }
    const int after = calls.load();
    EXPECT_EQ(running.load(), 0);
    std::this_thread::yield();
    EXPECT_EQ(calls.load(), after);
  }
}

TEST(OrderedWorkers, MakeOneRunAfterAnother) {
  OrderedWorkers workers(3);
  std::vector<int64_t> made(7, -1);
  for (int64_t run = 0; run < 200; ++run) {
    const int slots = static_cast<int>(run % 7) + 1;
    const int64_t count = run % 5 * 4, taken = run % 3 == 0 ? count / 2 : count;
    const auto use = std::make_shared<int>(0);
    workers.start(slots, count, [&made, use, run](int64_t number, int slot) {
      if (run % 4 == 3 && number == 5) throw std::runtime_error("five");
      made[static_cast<size_t>(slot)] = run * 1000 + number;
    });
    for (int64_t number = 0; number < taken; ++number) {
      if (run % 4 == 3 && number == 5) {
        EXPECT_THROW(workers.wait(), std::runtime_error);
        break;
      }
      ASSERT_EQ(made[static_cast<size_t>(workers.wait())], run * 1000 + number);
      workers.release();
    }
    workers.finish();
    EXPECT_EQ(use.use_count(), 1) << "what a run used is let go";
  }
  workers.finish();
}

TEST(OrderedWorkers, StartNoMoreOnceTheRunIsEnded) {
  absl::Notification begun;
  std::atomic<int> calls{0};
  OrderedWorkers workers(1);
  workers.start(3, 10, [&](int64_t, int) {
    ++calls;
    if (!begun.HasBeenNotified()) begun.Notify();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  begun.WaitForNotification();
  workers.finish();  // while number 0 sleeps; there were slots for two more
  EXPECT_EQ(calls.load(), 1);
}

TEST(OrderedWorkers, OfNothingEndAtOnce) {
  OrderedWorkers workers(2);
  workers.start(2, 0, [](int64_t, int) {});
}

}  // namespace
}  // namespace tessera::data
