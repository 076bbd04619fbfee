// SPDX-License-Identifier: Apache-2.0
//
// OrderedWorkers: threads that make numbered things ahead of one consumer, who takes them in order.
// For data_loader.h.
#ifndef TESSERA_DATA_ORDERED_WORKERS_H_
#define TESSERA_DATA_ORDERED_WORKERS_H_

#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tessera::data {

// The threads live as long as the object and make one run of things after another.
class OrderedWorkers {
 public:
  explicit OrderedWorkers(int threads);  // threads >= 1
  // Ends the run that is under way and joins the threads.
  ~OrderedWorkers();
  OrderedWorkers(const OrderedWorkers&) = delete;
  OrderedWorkers& operator=(const OrderedWorkers&) = delete;

  // Begins a run; none is under way. make(number, slot) is called for number = 0, ..., count - 1,
  // each number once, with slot = number % slots. A slot is used again only after the consumer has
  // released it, so at most `slots` things wait or are in the making.
  // slots >= 1. `make` must be safe to call from several threads at once.
  void start(int slots, int64_t count, std::function<void(int64_t number, int slot)> make);
  // Ends the run, if one is under way: waits for the calls that are running, starts no more, lets
  // go of `make`.
  void finish();

  // In a run the consumer calls wait() and release() in turn, `count` times at most. wait() returns
  // the slot of the next number once it is made, or throws what `make` threw for it. release()
  // gives that slot back.
  int wait();
  void release();

 private:
  struct Slot {
    bool made = false;
    std::exception_ptr error;
  };

  void work();
  bool may_start() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ ||
           (started_ < count_ && started_ < released_ + static_cast<int64_t>(slots_.size()));
  }
  bool next_is_made() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return slots_[released_ % slots_.size()].made;
  }
  bool none_is_running() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ == 0; }

  // Changed only while no call is running.
  std::function<void(int64_t, int)> make_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t started_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t released_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Slot> slots_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_ORDERED_WORKERS_H_
