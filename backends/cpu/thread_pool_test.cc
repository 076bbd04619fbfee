// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace tessera::cpu {
namespace {

TEST(ThreadPoolTest, CallsEveryIndexOnce) {
  for (int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (size_t n : {size_t{0}, size_t{1}, size_t{2}, size_t{7}, size_t{1000}}) {
      std::vector<std::atomic<int>> calls(n);
      pool.for_each(n, [&](size_t i) { ++calls[i]; });
      for (size_t i = 0; i < n; ++i) ASSERT_EQ(calls[i], 1) << n << " " << i;
    }
  }
}

TEST(ThreadPoolTest, CallsMoreTasksThanATicketHolds) {
  ThreadPool pool(3);
  const size_t n = (size_t{1} << 21) + 5;
  std::vector<unsigned char> calls(n, 0);
  pool.for_each(n, [&](size_t i) { ++calls[i]; });
  for (size_t i = 0; i < n; ++i) ASSERT_EQ(calls[i], 1) << i;
}

TEST(ThreadPoolTest, RangesCoverEverythingAndBeginAtMultiples) {
  ThreadPool pool(3);
  for (size_t n : {size_t{0}, size_t{1}, size_t{63}, size_t{640}, size_t{12345}}) {
    std::vector<std::atomic<int>> calls(n);
    std::atomic<bool> aligned = true;
    pool.ranges(n, 100, [&](size_t begin, size_t end) {
      if (begin % 64 != 0) aligned = false;
      for (size_t i = begin; i < end; ++i) ++calls[i];
    });
    EXPECT_TRUE(aligned);
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(calls[i], 1);
  }
}

TEST(ThreadPoolTest, OtherThreadsHelp) {
  ThreadPool pool(2);
  std::atomic<int> inside = 0;
  // Each task waits for the other: this ends only if two threads take part.
  pool.for_each(2, [&](size_t) {
    ++inside;
    while (inside < 2) std::this_thread::yield();
  });
  EXPECT_EQ(inside, 2);
}

// A thread that is held up (another program has its processor) holds up the task that it has begun,
// and nothing else: the others' share grows.
TEST(ThreadPoolTest, TasksOfAHeldUpThreadGoToTheOthers) {
  for (const bool hold_caller : {false, true}) {
    ThreadPool pool(3);
    const std::thread::id caller = std::this_thread::get_id();
    constexpr size_t kTasks = 64;
    std::atomic<size_t> done = 0;
    std::atomic<bool> held = false;
    std::map<std::thread::id, int> tasks;
    std::mutex mutex;
    pool.for_each(kTasks, [&](size_t) {
      if ((std::this_thread::get_id() == caller) == hold_caller && !held.exchange(true)) {
        // Ends only if the rest is done meanwhile.
        while (done < kTasks - 1) std::this_thread::yield();
      } else if (!hold_caller) {
        // Or the caller might do everything before another thread comes.
        while (!held) std::this_thread::yield();
      }
      ++done;
      const std::lock_guard lock(mutex);
      ++tasks[std::this_thread::get_id()];
    });
    EXPECT_EQ(done, kTasks);
    EXPECT_TRUE(held);
    int most = 0, sum = 0;
    for (const auto& [thread, count] : tasks) {
      most = std::max(most, count);
      sum += count;
    }
    EXPECT_EQ(sum, static_cast<int>(kTasks));
    EXPECT_GE(most, static_cast<int>(kTasks / 2)) << "63 tasks for two threads";
  }
}

// With every processor busy with something else, jobs end without a worker ever having come: the
// caller waits for no thread that has not begun a task.
TEST(ThreadPoolTest, BusyNeighboursTakeHelpAwayAndNoMore) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> neighbours;
  for (unsigned i = 0; i < 2 * std::max(1u, std::thread::hardware_concurrency()); ++i) {
    neighbours.emplace_back([&] {
      while (!stop) {
      }
    });
  }
  ThreadPool pool(4);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> by_caller = 0, calls = 0;
  for (int job = 0; job < 300; ++job) {
    pool.for_each(8, [&](size_t) {
      ++calls;
      if (std::this_thread::get_id() == caller) ++by_caller;
    });
  }
  stop = true;
  for (std::thread& neighbour : neighbours) neighbour.join();
  EXPECT_EQ(calls, 300 * 8);
  // Had the caller waited for its three helpers, they would have had three quarters of the tasks.
  EXPECT_GT(by_caller, 300 * 8 / 4);
}

TEST(ThreadPoolTest, RunsWorkFromWithinWorkAndFromManyThreads) {
  ThreadPool pool(3);
  std::atomic<int> calls = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        pool.for_each(4, [&](size_t) { pool.for_each(3, [&](size_t) { ++calls; }); });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(calls, 4 * 200 * 4 * 3);
}

TEST(ThreadPoolTest, Resizes) {
  ThreadPool pool(1);
  for (int threads : {4, 2, 1, 3}) {
    pool.resize(threads);
    EXPECT_EQ(pool.threads(), threads);
    std::atomic<int> sum = 0;
    pool.for_each(100, [&](size_t i) { sum += static_cast<int>(i); });
    EXPECT_EQ(sum, 4950);
  }
}

}  // namespace
}  // namespace tessera::cpu
