// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/ordered_workers.h"

#include <utility>

namespace tessera::data {
namespace {

// Calls `f` and returns what it throws, if it does.
template <class F>
std::exception_ptr error_of(F&& f) {
#if defined(__cpp_exceptions)
  try {
    f();
  } catch (...) {
    return std::current_exception();
  }
#else
  f();
#endif
  return nullptr;
}

}  // namespace

OrderedWorkers::OrderedWorkers(int threads, int slots, int64_t count,
                               std::function<void(int64_t, int)> make)
    : count_(count), make_(std::move(make)), slots_(static_cast<size_t>(slots)) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

OrderedWorkers::~OrderedWorkers() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void OrderedWorkers::work() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    mutex_.Await(absl::Condition(this, &OrderedWorkers::may_start));
    if (stopping_ || started_ == count_) return;
    const int64_t number = started_++;
    const int slot = static_cast<int>(number % static_cast<int64_t>(slots_.size()));
    mutex_.Unlock();
    std::exception_ptr error = error_of([&] { make_(number, slot); });
    mutex_.Lock();
    slots_[slot].error = std::move(error);
    slots_[slot].made = true;
  }
}

int OrderedWorkers::wait() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &OrderedWorkers::next_is_made));
  const int slot = static_cast<int>(released_ % static_cast<int64_t>(slots_.size()));
  if (slots_[slot].error) std::rethrow_exception(slots_[slot].error);
  return slot;
}

void OrderedWorkers::release() {
  absl::MutexLock lock(&mutex_);
  slots_[released_ % slots_.size()].made = false;
  ++released_;
}

}  // namespace tessera::data
