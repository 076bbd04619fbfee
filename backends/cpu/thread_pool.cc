// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/thread_pool.h"

#include <pthread.h>

#include <chrono>

#include "tessera/backends/cpu/spin_lock.h"

namespace tessera::cpu {
namespace {

constexpr uint64_t kTaskBits = 20;
constexpr uint64_t kTaskMask = (uint64_t{1} << kTaskBits) - 1;
// The most tasks of one job.
constexpr size_t kMaxTasks = kTaskMask;

// How long the caller looks for the end of tasks before it sleeps.
constexpr std::chrono::microseconds kSpin{4};
// How long a worker looks for work before it sleeps: more than the time between most ops of a step,
// as waking one takes as long. It offers its processor to other programs all the while.
constexpr std::chrono::microseconds kLinger{30};

thread_local bool inside_task = false;

// Waits for `done` to turn true, at most so long. Returns whether it did.
template <bool yielding, class Done>
bool wait_until(std::chrono::microseconds time, Done done) {
  const auto end = std::chrono::steady_clock::now() + time;
  do {
    for (int i = 0; i < 16; ++i) {
      if (done()) return true;
      cpu_relax();
    }
    if constexpr (yielding) std::this_thread::yield();
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

}  // namespace

void ThreadPool::resize(int threads) {
  stop();
  stopping_ = false;
  for (int i = 1; i < threads; ++i) {
    workers_.emplace_back([this] { work(); });
#if defined(__linux__)
    pthread_setname_np(workers_.back().native_handle(), "tessera-cpu");
#endif
  }
}

void ThreadPool::stop() {
  stopping_ = true;
  bell_.fetch_add(1);
  bell_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
}

void ThreadPool::run(size_t n, Task task, void* context) {
  if (inside_task || busy_.exchange(true, std::memory_order_acquire)) {
    for (size_t i = 0; i < n; ++i) task(context, i);
    return;
  }
  inside_task = true;
  for (size_t first = 0; first < n; first += kMaxTasks) {
    const uint64_t tasks = std::min(n - first, kMaxTasks);
    task_ = task;
    context_ = context;
    first_index_.store(first, std::memory_order_relaxed);
    unfinished_.store(static_cast<uint32_t>(tasks), std::memory_order_relaxed);
    const uint64_t job = (ticket_.load(std::memory_order_relaxed) >> (2 * kTaskBits)) + 1;
    ticket_.store(job << (2 * kTaskBits) | tasks << kTaskBits);
    bell_.fetch_add(1);
    if (asleep_.load() > 0) {
      if (tasks > 2) {
        bell_.notify_all();
      } else {
        bell_.notify_one();
      }
    }
    size_t index;
    while (claim(&index)) {
      task(context, first + index);
      finish_one();
    }
    // Only tasks that a worker has begun are left.
    const auto done = [this] { return unfinished_.load(std::memory_order_acquire) == 0; };
    if (!wait_until<false>(kSpin, done)) {
      for (uint32_t left; (left = unfinished_.load(std::memory_order_acquire)) != 0;) {
        unfinished_.wait(left, std::memory_order_acquire);
      }
    }
  }
  inside_task = false;
  busy_.store(false, std::memory_order_release);
}

bool ThreadPool::claim(size_t* index) {
  uint64_t ticket = ticket_.load(std::memory_order_acquire);
  while ((ticket & kTaskMask) < ((ticket >> kTaskBits) & kTaskMask)) {
    if (ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
      *index = ticket & kTaskMask;
      return true;
    }
  }
  return false;
}

void ThreadPool::finish_one() {
  if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
}

void ThreadPool::work() {
  inside_task = true;
  while (true) {
    const uint32_t heard = bell_.load();
    size_t index;
    while (claim(&index)) {
      task_(context_, first_index_.load(std::memory_order_relaxed) + index);
      finish_one();
    }
    if (stopping_.load()) return;
    const auto rung = [&] { return bell_.load(std::memory_order_acquire) != heard; };
    if (wait_until<true>(kLinger, rung)) continue;
    asleep_.fetch_add(1);
    bell_.wait(heard);
    asleep_.fetch_sub(1);
  }
}

}  // namespace tessera::cpu
