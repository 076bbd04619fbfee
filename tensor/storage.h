// SPDX-License-Identifier: Apache-2.0
//
// Storage: the memory that a tensor and its views share.
#ifndef TESSERA_TENSOR_STORAGE_H_
#define TESSERA_TENSOR_STORAGE_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "tessera/backends/runtime/buffer.h"
#include "tessera/tensor/ref_counted.h"

namespace tessera {

// Is told when storages go that it watches.
class StorageWatcher {
 public:
  virtual void on_storage_gone(uint32_t number) = 0;

 protected:
  ~StorageWatcher() = default;
};

class Storage final : public RefCounted {
 public:
  explicit Storage(Buffer buffer) : buffer_(std::move(buffer)) {}
  ~Storage() {
    if (watcher_ != nullptr) [[unlikely]]
      watcher_->on_storage_gone(number_);
  }

  // One watcher at a time, which knows this storage as `number`; nullptr ends it. By the thread
  // that uses the storage.
  void watch(StorageWatcher* watcher, uint32_t number) {
    watcher_ = watcher;
    number_ = number;
  }
  StorageWatcher* watcher() const { return watcher_; }
  uint32_t number() const { return number_; }

  const Buffer& buffer() const { return buffer_; }
  Buffer& buffer() { return buffer_; }
  DeviceState* device() const { return buffer_.device(); }

  // The tape pins what a gradient will read; a pinned storage refuses writes. `op` names the op
  // that needs the value, for the message (static storage).
  void pin(const char* op) {
    pinned_by_.store(op, std::memory_order_relaxed);
    pins_.fetch_add(1, std::memory_order_relaxed);
  }
  void unpin() { pins_.fetch_sub(1, std::memory_order_relaxed); }
  bool is_pinned() const { return pins_.load(std::memory_order_relaxed) != 0; }
  const char* pinned_by() const { return pinned_by_.load(std::memory_order_relaxed); }

 private:
  Buffer buffer_;
  std::atomic<uint32_t> pins_{0};
  std::atomic<const char*> pinned_by_{nullptr};
  StorageWatcher* watcher_ = nullptr;
  uint32_t number_ = 0;
};

}  // namespace tessera

#endif  // TESSERA_TENSOR_STORAGE_H_
