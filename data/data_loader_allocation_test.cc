// SPDX-License-Identifier: Apache-2.0
//
// Counts what the loader itself allocates, with batches that need no memory.
#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

#include "gtest/gtest.h"
#include "tessera/data/data_loader.h"

namespace {
std::atomic<long> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tessera::data {
namespace {

struct Weightless {
  int64_t size() const { return 10000; }
  int64_t get(int64_t index) const { return index; }
  int64_t get_batch(absl::Span<const int64_t> indices) const { return indices[0]; }
};

TEST(DataLoaderAllocations, NoneOnceAnEpochIsUnderWay) {
  for (auto [workers, persistent] : {std::pair(0, false), {1, false}, {3, false}, {3, true}}) {
    DataLoader loader(Weightless{}, {.batch_size = 4,
                                     .shuffle = true,
                                     .num_workers = workers,
                                     .persistent_workers = persistent});
    int64_t batch_number = 0;
    long before = 0;
    for (int64_t& first : loader) {
      (void)first;
      if (batch_number == 100) before = allocations.load();  // waiting threads' own bookkeeping
      if (batch_number == 2400) {
        EXPECT_EQ(allocations.load() - before, 0) << workers << " workers";
      }
      ++batch_number;
    }
    EXPECT_EQ(batch_number, 2500);
  }
}

TEST(DataLoaderAllocations, AreCounted) {
  const long before = allocations.load();
  ::operator delete(::operator new(4));
  EXPECT_GT(allocations.load(), before);
}

}  // namespace
}  // namespace tessera::data
