// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/buffer.h"

#include <array>
#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/device.h"

namespace tessera {
namespace {

DeviceState* device() { return Device("null").state(); }

uint64_t buffers_in_use() { return Device("null").memory()->buffers_in_use; }

TEST(BufferTest, ReadsBackWhatWasWritten) {
  absl::StatusOr<Buffer> buffer = Buffer::allocate(device(), 16);
  ASSERT_TRUE(buffer.ok()) << buffer.status();
  EXPECT_EQ(buffer->size(), 16u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % 64, 0u);
  const std::array<uint8_t, 5> in = {3, 1, 4, 1, 5};
  ASSERT_TRUE(buffer->write(11, in.data(), in.size()).ok());
  std::array<uint8_t, 4> out = {};
  ASSERT_TRUE(buffer->read(12, out.data(), out.size()).ok());
  EXPECT_EQ(out, (std::array<uint8_t, 4>{1, 4, 1, 5}));
}

TEST(BufferTest, RefusesRangesBeyondTheEnd) {
  Buffer buffer = *Buffer::allocate(device(), 16);
  std::array<char, 32> bytes = {};
  EXPECT_EQ(buffer.write(12, bytes.data(), 5).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(buffer.read(17, bytes.data(), 0).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(buffer.read(~uint64_t{0}, bytes.data(), 2).code(), absl::StatusCode::kOutOfRange);
  const absl::Status status = buffer.read(2, bytes.data(), ~uint64_t{0});
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(status.message(),
            "null:0: read of 18446744073709551615 bytes at offset 2 of a buffer of 16 bytes");
  EXPECT_TRUE(buffer.read(16, nullptr, 0).ok());
}

TEST(BufferTest, OutOfMemoryIsResourceExhaustedAndNamesTheDevice) {
  const absl::StatusOr<Buffer> buffer = Buffer::allocate(device(), ~uint64_t{0});
  EXPECT_EQ(buffer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(buffer.status().message(),
            "null:0: out of memory: asked for 18446744073709551615 bytes, 0 in use");
}

TEST(BufferTest, GivesMemoryBackExactlyOnce) {
  ASSERT_EQ(buffers_in_use(), 0u);
  {
    Buffer a = *Buffer::allocate(device(), 8);
    Buffer b = *Buffer::allocate(device(), 0);
    EXPECT_NE(b.data(), nullptr);
    EXPECT_EQ(buffers_in_use(), 2u);
    Buffer c = std::move(a);
    EXPECT_TRUE(a.is_null());
    EXPECT_EQ(buffers_in_use(), 2u);
    b = std::move(c);
    EXPECT_EQ(buffers_in_use(), 1u);
    Buffer& same = b;
    b = std::move(same);
    EXPECT_EQ(b.size(), 8u);
    b.reset();
    b.reset();
    EXPECT_EQ(buffers_in_use(), 0u);
    b = *Buffer::allocate(device(), 8);
  }
  EXPECT_EQ(buffers_in_use(), 0u);
}

}  // namespace
}  // namespace tessera
