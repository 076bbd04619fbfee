// SPDX-License-Identifier: Apache-2.0
//
// Threads that share the work of one kernel with the thread that launched it.
//
//   pool.ranges(n, kGrain, [&](size_t begin, size_t end) { ... });
//
// The caller takes part and never waits for a thread that has not begun a task, so a busy machine
// costs nothing but the help. Kernels must give the same result however the work is divided.
#ifndef TESSERA_BACKENDS_CPU_THREAD_POOL_H_
#define TESSERA_BACKENDS_CPU_THREAD_POOL_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace tessera::cpu {

class ThreadPool {
 public:
  // `threads` counts the calling thread; at least 1.
  explicit ThreadPool(int threads) { resize(threads); }
  ~ThreadPool() { stop(); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Not while work is running.
  void resize(int threads);

  // Calls f(i) once for every i in [0, n), in any order, on any thread; returns when all are done.
  // While another thread's work is running, and inside of f, everything runs on the caller.
  template <class F>
  void for_each(size_t n, F&& f) {
    if (n <= 1 || workers_.empty()) {
      for (size_t i = 0; i < n; ++i) f(i);
      return;
    }
    run(
        n, [](void* context, size_t i) { (*static_cast<std::remove_reference_t<F>*>(context))(i); },
        const_cast<void*>(static_cast<const void*>(&f)));
  }

  // Calls f(begin, end) on ranges that cover [0, n). `grain`: elements that are some 15 us of work,
  // less than which is not worth a second thread. Ranges begin at multiples of `multiple`.
  template <class F>
  void ranges(size_t n, size_t grain, F&& f, size_t multiple = 64) {
    if (n == 0) return;
    if (workers_.empty() || n < 2 * grain) return f(size_t{0}, n);
    const size_t tasks = std::min(n / grain, 4 * (workers_.size() + 1));
    const size_t step = ((n + tasks - 1) / tasks + multiple - 1) / multiple * multiple;
    for_each((n + step - 1) / step, [&](size_t i) { f(i * step, std::min(n, (i + 1) * step)); });
  }

 private:
  using Task = void (*)(void* context, size_t index);

  void run(size_t n, Task task, void* context);
  void work();
  bool claim(size_t* index);
  void finish_one();
  void stop();

  // What is left of the current job: 24 bits of job number, 20 of its tasks, 20 of the next task.
  std::atomic<uint64_t> ticket_ = 0;
  // The current job; stable while a claimed task is unfinished.
  Task task_ = nullptr;
  void* context_ = nullptr;
  std::atomic<size_t> first_index_ = 0;
  std::atomic<uint32_t> unfinished_ = 0;

  std::atomic<bool> busy_ = false;    // a job is running
  std::atomic<uint32_t> bell_ = 0;    // rung when there is a job or the end
  std::atomic<uint32_t> asleep_ = 0;  // workers waiting for the bell
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_THREAD_POOL_H_
