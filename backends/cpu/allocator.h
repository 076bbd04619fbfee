// SPDX-License-Identifier: Apache-2.0
//
// The memory of one device: blocks cached by size class.
//
//   Allocator allocator(limit_bytes);
//   TsrBuffer* buffer;
//   if (auto s = allocator.allocate(n, Allocator::Use::kBuffer, &buffer, message)) return s;
//   allocator.free(buffer);
//
// Small blocks are carved from slabs, larger ones are mappings of their own, on huge pages from
// 2 MiB. A freed block keeps its memory, page tables included, for the next block of its class:
// faults on fresh pages are what makes large temporary tensors slow. Thread-safe.
#ifndef TESSERA_BACKENDS_CPU_ALLOCATOR_H_
#define TESSERA_BACKENDS_CPU_ALLOCATOR_H_

#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cpu/size_class.h"
#include "tessera/backends/cpu/spin_lock.h"

namespace tessera::cpu {

class Allocator {
 public:
  enum class Use : uint32_t {
    kBuffer,  // a tensor's memory, counted in the statistics
    kScratch  // a kernel's temporary, counted in bytes_reserved only
  };

  // `limit` is the most that may be taken from the system at a time, in bytes.
  explicit Allocator(uint64_t limit) : limit_(limit) {}
  ~Allocator();
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;

  // A block of at least `size` bytes, aligned to 64, contents undefined; `size` may be 0.
  //   errors: TSR_RESOURCE_EXHAUSTED, after cached blocks were given back in vain
  TsrStatus allocate(uint64_t size, Use use, TsrBuffer** buffer, TsrMessage* message);
  // `buffer` comes from `allocate` of this allocator.
  void free(TsrBuffer* buffer);

  // Returns all cached memory to the system: free large blocks, and slabs without a live block.
  void trim();

  TsrMemoryStats stats() const;

 private:
  struct Slab;
  struct Block;

  Block* take_cached(uint32_t index);
  Block* carve(uint32_t index);
  Block* map_block(uint32_t index);
  void* map(uint64_t bytes, uint64_t alignment);
  void unmap(void* start, uint64_t bytes);
  void trim_locked();

  const uint64_t limit_;
  mutable SpinLock lock_;
  Block* free_[kSizeClasses] = {};
  Slab* slabs_[kSizeClasses] = {};  // the newest slab of each small class, then older ones
  uint64_t cached_bytes_ = 0;       // of free blocks that are mappings of their own
  uint64_t bytes_in_use_ = 0;
  uint64_t bytes_peak_ = 0;
  uint64_t bytes_reserved_ = 0;
  uint64_t buffers_in_use_ = 0;
  uint64_t allocations_ = 0;
  uint64_t system_allocations_ = 0;
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ALLOCATOR_H_
