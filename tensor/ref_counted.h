// SPDX-License-Identifier: Apache-2.0
//
// RefCounted and RefPtr: shared ownership with the count inside the object.
#ifndef TESSERA_TENSOR_REF_COUNTED_H_
#define TESSERA_TENSOR_REF_COUNTED_H_

#include <atomic>
#include <cstdint>
#include <utility>

namespace tessera {

// Base of objects shared through RefPtr<T>. Counting is thread-safe. T is deleted as a T: give it
// a virtual destructor if it is owned through pointers to a base.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void ref() const { count_.fetch_add(1, std::memory_order_relaxed); }
  // True if that was the last reference.
  bool unref() const {
    // The sole owner needs no atomic subtraction: nobody else can add a reference meanwhile.
    if (count_.load(std::memory_order_acquire) == 1) return true;
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  uint32_t use_count() const { return count_.load(std::memory_order_acquire); }

 protected:
  ~RefCounted() = default;

 private:
  mutable std::atomic<uint32_t> count_{1};
};

template <class T>
class RefPtr {
 public:
  RefPtr() = default;
  RefPtr(std::nullptr_t) {}
  // Takes over the reference that `new T` begins with.
  static RefPtr adopt(T* pointer) {
    RefPtr result;
    result.pointer_ = pointer;
    return result;
  }
  // Adds a reference.
  static RefPtr share(T* pointer) {
    if (pointer != nullptr) pointer->ref();
    return adopt(pointer);
  }
  RefPtr(const RefPtr& other) : pointer_(other.pointer_) {
    if (pointer_ != nullptr) pointer_->ref();
  }
  RefPtr(RefPtr&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  RefPtr& operator=(RefPtr other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  ~RefPtr() { reset(); }

  void reset() {
    T* pointer = std::exchange(pointer_, nullptr);
    if (pointer != nullptr && pointer->unref()) delete pointer;
  }
  // Gives the reference up without dropping it.
  T* release() { return std::exchange(pointer_, nullptr); }

  T* get() const { return pointer_; }
  T* operator->() const { return pointer_; }
  T& operator*() const { return *pointer_; }
  explicit operator bool() const { return pointer_ != nullptr; }
  friend bool operator==(const RefPtr& a, const RefPtr& b) { return a.pointer_ == b.pointer_; }

 private:
  T* pointer_ = nullptr;
};

template <class T, class... Args>
RefPtr<T> make_ref(Args&&... args) {
  return RefPtr<T>::adopt(new T(std::forward<Args>(args)...));
}

}  // namespace tessera

#endif  // TESSERA_TENSOR_REF_COUNTED_H_
