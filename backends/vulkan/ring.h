// SPDX-License-Identifier: Apache-2.0
//
// Host-visible memory that is handed out in order and comes back when submissions are done: for
// uploads, downloads and the arguments of kernels.
#ifndef TESSERA_BACKENDS_VULKAN_RING_H_
#define TESSERA_BACKENDS_VULKAN_RING_H_

#include <cstdint>
#include <deque>

#include "tessera/backends/vulkan/gpu.h"

namespace tessera::vulkan {

// A piece of a ring, as the host and the device see it.
struct Slice {
  char* host = nullptr;
  uint64_t address = 0;
  VkBuffer buffer = VK_NULL_HANDLE;
  uint64_t offset = 0;  // in `buffer`, bytes
};

class Ring {
 public:
  static constexpr uint64_t kAlignment = 64;

  explicit Ring(Gpu* gpu) : gpu_(gpu) {}
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  TsrStatus open(uint64_t size, MemoryUse use, TsrMessage* message);

  // `size` bytes; false if so many are not free before older submissions are done.
  bool take(uint64_t size, Slice* slice);
  // What has been taken, in bytes since the ring was last empty.
  uint64_t position() const { return head_; }
  // What was taken up to `position` belongs to the submission that signals `value`.
  void close(uint64_t value, uint64_t position);
  // Submissions up to `value` are done.
  void release(uint64_t value);
  // The most that one take() can give.
  uint64_t largest() const { return block_.size / 2; }

 private:
  struct Mark {
    uint64_t value, position;
  };

  Gpu* gpu_;
  Block block_;
  // Positions count bytes from the beginning of time; modulo the size they are offsets.
  uint64_t head_ = 0, tail_ = 0;
  std::deque<Mark> marks_;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_RING_H_
