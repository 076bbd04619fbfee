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

OrderedWorkers::OrderedWorkers(int threads) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

OrderedWorkers::~OrderedWorkers() {
  finish();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void OrderedWorkers::start(int slots, int64_t count, std::function<void(int64_t, int)> make) {
  absl::MutexLock lock(&mutex_);
  make_ = std::move(make);
  slots_.assign(static_cast<size_t>(slots), Slot{});
  started_ = released_ = 0;
  count_ = count;
}

void OrderedWorkers::finish() {
  absl::MutexLock lock(&mutex_);
  count_ = started_;
  mutex_.Await(absl::Condition(this, &OrderedWorkers::none_is_running));
  make_ = nullptr;
  slots_.clear();
}

void OrderedWorkers::work() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    mutex_.Await(absl::Condition(this, &OrderedWorkers::may_start));
    if (stopping_) return;
    const int64_t number = started_++;
    const size_t slot = static_cast<size_t>(number) % slots_.size();
    ++running_;
    mutex_.Unlock();
    std::exception_ptr error = error_of([&] { make_(number, static_cast<int>(slot)); });
    mutex_.Lock();
    --running_;
    slots_[slot] = {true, std::move(error)};
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
