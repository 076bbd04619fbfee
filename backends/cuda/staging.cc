// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/staging.h"

#include <algorithm>
#include <cstring>

namespace tessera::cuda {

// ---- Uploads ------------------------------------------------------------------------------------

Uploads::~Uploads() {
  for (Slot& slot : slots_) {
    if (slot.copied != nullptr) cudaEventDestroy(slot.copied);
    if (slot.memory != nullptr) cudaFreeHost(slot.memory);
  }
}

cudaError_t Uploads::copy(cudaStream_t stream, const void* from, void* to, uint64_t bytes) {
  uint64_t done = 0;
  while (done < bytes) {
    if (slots_[current_].used == kSlotBytes) {
      if (const cudaError_t error = advance(stream); error != cudaSuccess) return error;
    }
    Slot& slot = slots_[current_];
    if (const cudaError_t error = open(slot); error != cudaSuccess) return error;
    const uint64_t part = std::min(bytes - done, kSlotBytes - slot.used);
    std::memcpy(slot.memory + slot.used, static_cast<const char*>(from) + done, part);
    const cudaError_t error =
        cudaMemcpyAsync(static_cast<char*>(to) + done, slot.memory + slot.used, part,
                        cudaMemcpyHostToDevice, stream);
    if (error != cudaSuccess) return error;
    done += part;
    // The next copy begins at a multiple of 64.
    slot.used = std::min(kSlotBytes, (slot.used + part + 63) / 64 * 64);
  }
  return cudaSuccess;
}

cudaError_t Uploads::open(Slot& slot) {
  if (slot.memory != nullptr) return cudaSuccess;
  void* memory = nullptr;
  cudaError_t error = cudaSuccess;
  if (slot.copied == nullptr)
    error = cudaEventCreateWithFlags(&slot.copied, cudaEventDisableTiming);
  if (error == cudaSuccess) error = cudaHostAlloc(&memory, kSlotBytes, cudaHostAllocPortable);
  if (error == cudaSuccess) slot.memory = static_cast<char*>(memory);
  return error;
}

cudaError_t Uploads::advance(cudaStream_t stream) {
  cudaError_t error = cudaEventRecord(slots_[current_].copied, stream);
  const uint64_t next = (current_ + 1) % kSlots;
  if (error == cudaSuccess && slots_[next].memory != nullptr) {
    error = cudaEventSynchronize(slots_[next].copied);
  }
  if (error != cudaSuccess) return error;
  current_ = next;
  slots_[next].used = 0;
  return cudaSuccess;
}

// ---- Downloads ----------------------------------------------------------------------------------

Downloads::~Downloads() {
  for (Slot& slot : slots_) cudaFreeHost(slot.memory);
}

cudaError_t Downloads::copy(cudaStream_t stream, const void* from, void* to, uint64_t bytes) {
  if (bytes > kSlotBytes) return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream);
  const std::lock_guard lock(mutex_);
  size_t index = 0;
  cudaError_t error = find_slot(bytes, &index);
  if (error != cudaSuccess) return error;
  Slot& slot = slots_[index];
  char* place = slot.memory + slot.used;
  error = cudaMemcpyAsync(place, from, bytes, cudaMemcpyDeviceToHost, stream);
  if (error != cudaSuccess) return error;
  slot.used = std::min(kSlotBytes, (slot.used + bytes + 63) / 64 * 64);
  ++slot.pending;
  pending_.push_back({index, place, to, bytes});
  ++asked_;
  return cudaSuccess;
}

uint64_t Downloads::count() {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void Downloads::deliver(uint64_t count) {
  const std::lock_guard lock(mutex_);
  if (count <= delivered_) return;
  const uint64_t n = std::min<uint64_t>(count - delivered_, pending_.size());
  for (uint64_t i = 0; i < n; ++i) {
    const Pending& p = pending_[i];
    std::memcpy(p.to, p.from, p.bytes);
    Slot& slot = slots_[p.slot];
    if (--slot.pending == 0) slot.used = 0;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(n));
  delivered_ += n;
}

cudaError_t Downloads::find_slot(uint64_t bytes, size_t* found) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (kSlotBytes - slots_[i].used >= bytes) {
      *found = i;
      return cudaSuccess;
    }
  }
  void* memory = nullptr;
  const cudaError_t error = cudaHostAlloc(&memory, kSlotBytes, cudaHostAllocPortable);
  if (error != cudaSuccess) return error;
  *found = slots_.size();
  slots_.push_back({static_cast<char*>(memory)});
  return cudaSuccess;
}

}  // namespace tessera::cuda
