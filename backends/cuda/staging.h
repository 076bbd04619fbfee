// SPDX-License-Identifier: Apache-2.0
//
// Copies between the host's memory, which the device cannot reach, and the device, by way of pinned
// memory. One of each per stream.
#ifndef TESSERA_BACKENDS_CUDA_STAGING_H_
#define TESSERA_BACKENDS_CUDA_STAGING_H_

#include <cstdint>
#include <mutex>
#include <vector>

#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

// Takes bytes at once and lets the stream copy them later. Used by one thread at a time.
class Uploads {
 public:
  static constexpr uint64_t kSlots = 4;
  static constexpr uint64_t kSlotBytes = uint64_t{2} << 20;

  Uploads() = default;
  // No copy may be pending.
  ~Uploads();
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  // Waits only if all slots hold bytes that the stream has not copied yet.
  cudaError_t copy(cudaStream_t stream, const void* from, void* to, uint64_t bytes);

 private:
  struct Slot {
    char* memory = nullptr;
    cudaEvent_t copied = nullptr;
    uint64_t used = 0;
  };

  cudaError_t open(Slot& slot);
  cudaError_t advance(cudaStream_t stream);

  Slot slots_[kSlots];
  uint64_t current_ = 0;
};

// Copies into pinned memory, which deliver() carries on to where it was asked for. Thread-safe.
class Downloads {
 public:
  static constexpr uint64_t kSlotBytes = uint64_t{1} << 20;

  Downloads() = default;
  ~Downloads();
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  // The bytes are at `to` after deliver(); those of large copies, which wait, at once.
  cudaError_t copy(cudaStream_t stream, const void* from, void* to, uint64_t bytes);
  // How many copies were asked for.
  uint64_t count();
  // Carries on the first `count` copies ever asked for. The stream has done them.
  void deliver(uint64_t count);

 private:
  struct Slot {
    char* memory = nullptr;
    uint64_t used = 0, pending = 0;  // pending: copies that were not delivered
  };
  struct Pending {
    size_t slot;
    const char* from;
    void* to;
    uint64_t bytes;
  };

  cudaError_t find_slot(uint64_t bytes, size_t* found);

  std::mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<Pending> pending_;
  uint64_t asked_ = 0, delivered_ = 0;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_STAGING_H_
