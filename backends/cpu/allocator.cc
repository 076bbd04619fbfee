// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/allocator.h"

#include <sys/mman.h>

#include <algorithm>
#include <cinttypes>
#include <mutex>
#include <new>

#include "tessera/backends/cpu/status.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TESSERA_CPU_POISONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TESSERA_CPU_POISONS 1
#endif
#if defined(TESSERA_CPU_POISONS)
#include <sanitizer/asan_interface.h>
#endif

namespace tessera::cpu {
namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kHugePageBytes = uint64_t{2} << 20;
constexpr uint64_t kLargestSlabBlock = uint64_t{32} << 10;
constexpr uint64_t kSlabBytes = uint64_t{64} << 10;
// Free large blocks are kept while they are fewer bytes than this or than the live ones.
constexpr uint64_t kCacheFloorBytes = uint64_t{512} << 20;
// A request takes a cached block of its own class or of one of so many above: at most half unused.
constexpr uint32_t kClassesTried = 5;

uint64_t round_up(uint64_t value, uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

void poison([[maybe_unused]] const void* start, [[maybe_unused]] uint64_t bytes) {
#if defined(TESSERA_CPU_POISONS)
  ASAN_POISON_MEMORY_REGION(start, bytes);
#endif
}

void unpoison([[maybe_unused]] const void* start, [[maybe_unused]] uint64_t bytes) {
#if defined(TESSERA_CPU_POISONS)
  ASAN_UNPOISON_MEMORY_REGION(start, bytes);
#endif
}

}  // namespace

// Stands at the start of its mapping; blocks follow.
struct alignas(kBlockAlignment) Allocator::Slab {
  Slab* next;
  uint64_t bytes;
  uint64_t carved;  // blocks handed out at least once
  uint64_t live;
};

// Stands right before the memory it describes.
struct alignas(kBlockAlignment) Allocator::Block {
  TsrBuffer buffer;
  Block* next;      // in a free list
  Slab* slab;       // null: a mapping of its own
  uint64_t mapped;  // bytes of that mapping, this header included
  uint32_t index;   // size class
  Use use;
};

Allocator::~Allocator() { trim(); }

TsrStatus Allocator::allocate(uint64_t size, Use use, TsrBuffer** buffer, TsrMessage* message) {
  static_assert(sizeof(Block) == kBlockAlignment && sizeof(Slab) == kBlockAlignment);
  Block* block = nullptr;
  bool from_system = false;
  lock_.lock();
  if (size <= kMaxBlockBytes) [[likely]] {
    const uint32_t index = size_class(size);
    block = free_[index];
    if (block != nullptr) [[likely]] {
      free_[index] = block->next;
      if (block->slab == nullptr) cached_bytes_ -= block->mapped;
    } else {
      block = take_cached(index);
      if (block == nullptr) {
        const uint64_t reserved = bytes_reserved_;
        block = class_bytes(index) <= kLargestSlabBlock ? carve(index) : map_block(index);
        from_system = bytes_reserved_ != reserved;
      }
    }
  }
  if (block == nullptr) [[unlikely]] {
    const uint64_t in_use = bytes_in_use_;
    const uint64_t reserved = bytes_reserved_;
    lock_.unlock();
    return fail(message, TSR_RESOURCE_EXHAUSTED,
                "out of memory: asked for %" PRIu64 " bytes, %" PRIu64 " bytes in use, %" PRIu64
                " reserved, limit %" PRIu64,
                size, in_use, reserved, limit_);
  }
  if (block->slab != nullptr) ++block->slab->live;
  if (use == Use::kBuffer) {
    bytes_in_use_ += size;
    bytes_peak_ = std::max(bytes_peak_, bytes_in_use_);
    ++buffers_in_use_;
    ++allocations_;
    system_allocations_ += from_system;
  }
  lock_.unlock();
  block->buffer.size = size;
  block->use = use;
  unpoison(block + 1, size);
  *buffer = &block->buffer;
  return TSR_OK;
}

void Allocator::free(TsrBuffer* buffer) {
  Block* block = reinterpret_cast<Block*>(buffer);  // its first member
  poison(block + 1, block->buffer.size);
  lock_.lock();
  if (block->use == Use::kBuffer) {
    bytes_in_use_ -= block->buffer.size;
    --buffers_in_use_;
  }
  if (block->slab != nullptr) {
    --block->slab->live;
  } else {
    cached_bytes_ += block->mapped;
  }
  block->next = free_[block->index];
  free_[block->index] = block;
  lock_.unlock();
}

// A free block of a class slightly above `index`, for blocks that are mappings.
Allocator::Block* Allocator::take_cached(uint32_t index) {
  if (class_bytes(index) <= kLargestSlabBlock) return nullptr;
  const uint32_t end = std::min(index + kClassesTried, kSizeClasses);
  for (uint32_t i = index + 1; i < end; ++i) {
    if (Block* block = free_[i]) {
      free_[i] = block->next;
      cached_bytes_ -= block->mapped;
      return block;
    }
  }
  return nullptr;
}

Allocator::Block* Allocator::carve(uint32_t index) {
  const uint64_t stride = sizeof(Block) + class_bytes(index);
  Slab* slab = slabs_[index];
  if (slab == nullptr || sizeof(Slab) + (slab->carved + 1) * stride > slab->bytes) {
    const uint64_t bytes = round_up(std::max(kSlabBytes, sizeof(Slab) + 4 * stride), kPageBytes);
    void* start = map(bytes, kPageBytes);
    if (start == nullptr) return nullptr;
    slab = new (start) Slab{slabs_[index], bytes, 0, 0};
    slabs_[index] = slab;
  }
  char* place = reinterpret_cast<char*>(slab) + sizeof(Slab) + slab->carved * stride;
  ++slab->carved;
  poison(place + sizeof(Block), class_bytes(index));
  return new (place)
      Block{{sizeof(TsrBuffer), place + sizeof(Block), 0}, nullptr, slab, 0, index, Use::kBuffer};
}

Allocator::Block* Allocator::map_block(uint32_t index) {
  if (cached_bytes_ > std::max(kCacheFloorBytes, bytes_in_use_)) trim_locked();
  const bool huge = class_bytes(index) >= kHugePageBytes;
  const uint64_t bytes = round_up(sizeof(Block) + class_bytes(index), kPageBytes);
  void* start = map(bytes, huge ? kHugePageBytes : kPageBytes);
  if (start == nullptr) return nullptr;
  if (huge) madvise(start, bytes, MADV_HUGEPAGE);  // a hint: may fail
  char* data = static_cast<char*>(start) + sizeof(Block);
  Block* block =
      new (start) Block{{sizeof(TsrBuffer), data, 0}, nullptr, nullptr, bytes, index, Use::kBuffer};
  poison(data, bytes - sizeof(Block));
  return block;
}

// Fresh memory, or null after trimming did not help.
void* Allocator::map(uint64_t bytes, uint64_t alignment) {
  if (bytes > limit_) return nullptr;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (attempt == 1) trim_locked();
    if (bytes_reserved_ > limit_ - bytes) continue;
    const uint64_t slack = alignment > kPageBytes ? alignment : 0;
    void* raw =
        mmap(nullptr, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED) continue;
    char* const first = static_cast<char*>(raw);
    const uint64_t skip = (alignment - reinterpret_cast<uintptr_t>(first) % alignment) % alignment;
    if (skip > 0) munmap(first, skip);
    if (slack > skip) munmap(first + skip + bytes, slack - skip);
    bytes_reserved_ += bytes;
    return first + skip;
  }
  return nullptr;
}

void Allocator::unmap(void* start, uint64_t bytes) {
  unpoison(start, bytes);
  munmap(start, bytes);
  bytes_reserved_ -= bytes;
}

void Allocator::trim() {
  std::lock_guard lock(lock_);
  trim_locked();
}

void Allocator::trim_locked() {
  for (uint32_t index = 0; index < kSizeClasses; ++index) {
    // Blocks of empty slabs leave the free list before their slab goes.
    Block** link = &free_[index];
    while (Block* block = *link) {
      if (block->slab != nullptr && block->slab->live > 0) {
        link = &block->next;
        continue;
      }
      *link = block->next;
      if (block->slab == nullptr) {
        cached_bytes_ -= block->mapped;
        unmap(block, block->mapped);
      }
    }
    Slab** slab_link = &slabs_[index];
    while (Slab* slab = *slab_link) {
      if (slab->live > 0) {
        slab_link = &slab->next;
        continue;
      }
      *slab_link = slab->next;
      unmap(slab, slab->bytes);
    }
  }
}

TsrMemoryStats Allocator::stats() const {
  std::lock_guard lock(lock_);
  return {sizeof(TsrMemoryStats), bytes_in_use_, bytes_peak_,        bytes_reserved_,
          buffers_in_use_,        allocations_,  system_allocations_};
}

}  // namespace tessera::cpu
