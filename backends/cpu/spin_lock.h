// SPDX-License-Identifier: Apache-2.0
//
// A lock for sections of a few dozen instructions. Yields the processor when the holder is
// descheduled.
#ifndef TESSERA_BACKENDS_CPU_SPIN_LOCK_H_
#define TESSERA_BACKENDS_CPU_SPIN_LOCK_H_

#include <atomic>
#include <thread>

namespace tessera::cpu {

// Tells the processor that this is a waiting loop.
inline void cpu_relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Meets the standard's Lockable requirements, but for try_lock.
class SpinLock {
 public:
  void lock() {
    for (int spins = 0; locked_.exchange(true, std::memory_order_acquire); ++spins) {
      if (spins < 32) {
        cpu_relax();
      } else {
        std::this_thread::yield();
      }
    }
  }
  void unlock() { locked_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> locked_ = false;
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SPIN_LOCK_H_
