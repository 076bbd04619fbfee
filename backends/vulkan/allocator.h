// SPDX-License-Identifier: Apache-2.0
//
// Device memory for tensors: large blocks of the driver, divided here.
#ifndef TESSERA_BACKENDS_VULKAN_ALLOCATOR_H_
#define TESSERA_BACKENDS_VULKAN_ALLOCATOR_H_

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tessera/backends/vulkan/audit.h"
#include "tessera/backends/vulkan/free_ranges.h"
#include "tessera/backends/vulkan/gpu.h"

namespace tessera::vulkan {

// A TsrBuffer with where it lies. `data` is its device address.
struct Buffer : TsrBuffer {
  Range range;
  VkBuffer block_buffer = VK_NULL_HANDLE;

  uint64_t address() const { return reinterpret_cast<uint64_t>(data); }
};

// Memory is given out again at once after free(): there is one queue, which does all work in order,
// and its recorder puts barriers where a range of memory is used anew (hazards.h).
//
// Freed buffers of a size wait for the next of the same size, so that a training step allocates and
// frees without searching. What waits is merged and divided anew when the driver would be asked for
// more, and given back to the driver by trim(). One caller at a time.
class Allocator {
 public:
  // `wait_idle` waits until no work of the device is pending; memory goes back to the driver then.
  // `audit` may be null.
  Allocator(Gpu* gpu, Audit* audit, std::function<void()> wait_idle);
  ~Allocator();
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;

  // TSR_RESOURCE_EXHAUSTED if neither the cache nor the driver has `size` bytes.
  TsrStatus allocate(uint64_t size, TsrBuffer** buffer, TsrMessage* message);
  void free(TsrBuffer* buffer);
  void trim();
  const TsrMemoryStats& stats() const { return stats_; }

 private:
  Buffer* from_cache(uint64_t size);
  Buffer* from_ranges(uint64_t size);
  void merge_cache();
  void release_whole_blocks();
  TsrStatus add_block(uint64_t size, TsrMessage* message);
  VkResult add_block_of(uint64_t size);

  Gpu* gpu_;
  Audit* audit_;
  std::function<void()> wait_idle_;
  FreeRanges ranges_;
  std::vector<std::unique_ptr<Block>> blocks_;                // null where one was given back
  std::unordered_map<uint64_t, std::vector<Buffer*>> cache_;  // by size
  std::vector<Buffer*> spare_;                                // objects without memory
  TsrMemoryStats stats_ = {sizeof(TsrMemoryStats)};
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_ALLOCATOR_H_
