// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/allocator.h"

#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace tessera::cpu {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

TEST(SizeClassTest, HoldsTheSizeAndWastesAtMostAnEighth) {
  for (uint64_t bytes = 0; bytes < 100000; ++bytes) {
    const uint32_t index = size_class(bytes);
    ASSERT_GE(class_bytes(index), bytes);
    if (bytes > 1024) {
      ASSERT_LE(class_bytes(index), bytes + bytes / 8 + 64) << bytes;
    }
    if (index > 0) {
      ASSERT_LT(class_bytes(index - 1), std::max<uint64_t>(bytes, 1)) << bytes;
    }
  }
  for (uint32_t i = 0; i < kSizeClasses; ++i) ASSERT_EQ(size_class(class_bytes(i)), i);
  EXPECT_LT(size_class(kMaxBlockBytes), kSizeClasses);
}

TEST(AllocatorTest, BehavesLikeAModelUnderRandomUse) {
  struct Live {
    TsrBuffer* buffer;
    uint64_t size;
    unsigned char mark;
  };
  Allocator allocator(uint64_t{4} << 30);
  std::vector<Live> live;
  std::mt19937 random(7);
  uint64_t in_use = 0, peak = 0, count = 0;
  for (int step = 0; step < 20000; ++step) {
    if (live.empty() || random() % 100 < (step / 2000 % 2 == 0 ? 60 : 40)) {
      const uint64_t size = random() % 50 == 0 ? random() % (4 * kMiB) : random() % 5000;
      TsrBuffer* buffer = nullptr;
      ASSERT_EQ(allocator.allocate(size, Allocator::Use::kBuffer, &buffer, nullptr), TSR_OK);
      ASSERT_EQ(buffer->size, size);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(buffer->data) % 64, 0u);
      const unsigned char mark = static_cast<unsigned char>(random());
      std::memset(buffer->data, mark, size);
      live.push_back({buffer, size, mark});
      in_use += size;
      peak = std::max(peak, in_use);
      ++count;
    } else {
      const size_t i = random() % live.size();
      const unsigned char* bytes = static_cast<unsigned char*>(live[i].buffer->data);
      for (uint64_t k = 0; k < live[i].size; k += 1 + k / 8) ASSERT_EQ(bytes[k], live[i].mark);
      if (live[i].size > 0) {
        ASSERT_EQ(bytes[live[i].size - 1], live[i].mark);
      }
      in_use -= live[i].size;
      allocator.free(live[i].buffer);
      live[i] = live.back();
      live.pop_back();
    }
    const TsrMemoryStats stats = allocator.stats();
    ASSERT_EQ(stats.bytes_in_use, in_use);
    ASSERT_EQ(stats.bytes_peak, peak);
    ASSERT_EQ(stats.buffers_in_use, live.size());
    ASSERT_EQ(stats.allocations, count);
    ASSERT_GE(stats.bytes_reserved, in_use);
    if (step % 5000 == 4999) allocator.trim();
  }
  for (const Live& l : live) allocator.free(l.buffer);
  EXPECT_EQ(allocator.stats().bytes_in_use, 0u);
  allocator.trim();
  EXPECT_EQ(allocator.stats().bytes_reserved, 0u);
}

TEST(AllocatorTest, ReusesAFreedBlock) {
  Allocator allocator(1 << 30);
  for (uint64_t size : {uint64_t{1}, uint64_t{1000}, uint64_t{100000}, 10 * kMiB}) {
    TsrBuffer* first = nullptr;
    ASSERT_EQ(allocator.allocate(size, Allocator::Use::kBuffer, &first, nullptr), TSR_OK);
    void* const data = first->data;
    allocator.free(first);
    const uint64_t before = allocator.stats().system_allocations;
    TsrBuffer* second = nullptr;
    ASSERT_EQ(allocator.allocate(size, Allocator::Use::kBuffer, &second, nullptr), TSR_OK);
    EXPECT_EQ(second->data, data);
    EXPECT_EQ(allocator.stats().system_allocations, before);
    allocator.free(second);
  }
}

TEST(AllocatorTest, RefusesMoreThanTheLimitAndSaysHowMuch) {
  Allocator allocator(10 * kMiB);
  TsrBuffer* kept = nullptr;
  ASSERT_EQ(allocator.allocate(6 * kMiB, Allocator::Use::kBuffer, &kept, nullptr), TSR_OK);
  char text[200];
  TsrMessage message = {sizeof(message), text, sizeof(text)};
  TsrBuffer* refused = nullptr;
  for (uint64_t size : {5 * kMiB, uint64_t{1} << 40, ~uint64_t{0}}) {
    EXPECT_EQ(allocator.allocate(size, Allocator::Use::kBuffer, &refused, &message),
              TSR_RESOURCE_EXHAUSTED);
    EXPECT_NE(std::string(text).find(std::to_string(size)), std::string::npos) << text;
    EXPECT_NE(std::string(text).find(std::to_string(6 * kMiB)), std::string::npos) << text;
  }
  allocator.free(kept);
  // Cached memory is given back before a request fails.
  ASSERT_EQ(allocator.allocate(9 * kMiB, Allocator::Use::kBuffer, &kept, nullptr), TSR_OK);
  allocator.free(kept);
}

TEST(AllocatorTest, DoesNotCountScratch) {
  Allocator allocator(1 << 30);
  TsrBuffer* scratch = nullptr;
  ASSERT_EQ(allocator.allocate(5000, Allocator::Use::kScratch, &scratch, nullptr), TSR_OK);
  EXPECT_EQ(allocator.stats().bytes_in_use, 0u);
  EXPECT_EQ(allocator.stats().allocations, 0u);
  EXPECT_GT(allocator.stats().bytes_reserved, 0u);
  allocator.free(scratch);
}

TEST(AllocatorTest, ServesManyThreads) {
  Allocator allocator(uint64_t{1} << 32);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&allocator, t] {
      std::mt19937 random(t);
      std::vector<TsrBuffer*> live;
      for (int i = 0; i < 5000; ++i) {
        TsrBuffer* buffer = nullptr;
        const uint64_t size = 8 + random() % 3000;
        if (allocator.allocate(size, Allocator::Use::kBuffer, &buffer, nullptr) != TSR_OK)
          std::abort();
        std::memset(buffer->data, t, size);
        live.push_back(buffer);
        if (live.size() > 20) {
          for (TsrBuffer* b : live) {
            if (static_cast<char*>(b->data)[b->size - 1] != t) std::abort();
            allocator.free(b);
          }
          live.clear();
        }
      }
      for (TsrBuffer* b : live) allocator.free(b);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allocator.stats().bytes_in_use, 0u);
  EXPECT_EQ(allocator.stats().allocations, 20000u);
}

}  // namespace
}  // namespace tessera::cpu
