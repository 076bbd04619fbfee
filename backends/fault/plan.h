// SPDX-License-Identifier: Apache-2.0
//
// Which call of a device fails next.
#ifndef TESSERA_BACKENDS_FAULT_PLAN_H_
#define TESSERA_BACKENDS_FAULT_PLAN_H_

#include <atomic>
#include <cstdint>
#include <string>

namespace tessera::fault {

// Counts down to 0; the call that reaches it is due. 0 or less: none is. Thread-safe.
class Countdown {
 public:
  void set(int64_t calls) { left_ = calls; }
  bool is_due() {
    int64_t left = left_;
    while (left > 0 && !left_.compare_exchange_weak(left, left - 1)) {
    }
    return left == 1;
  }

 private:
  std::atomic<int64_t> left_{0};
};

struct Settings {
  int64_t allocation = 0;
  int64_t kernel = 0;
  int64_t delayed = 0;
  int64_t slow_copy_us = 0;
};

// Reads "allocation=3,kernel=10,delayed=7,slow_copy_us=200", any of them, as TESSERA_FAULT has it.
// Returns what is wrong with it, or "".
std::string parse_settings(const char* text, Settings* settings);

}  // namespace tessera::fault

#endif  // TESSERA_BACKENDS_FAULT_PLAN_H_
