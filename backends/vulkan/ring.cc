// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/ring.h"

#include <cinttypes>

#include "tessera/backends/plugin/status.h"

namespace tessera::vulkan {

Ring::~Ring() {
  if (block_.buffer != VK_NULL_HANDLE) gpu_->release(&block_);
}

TsrStatus Ring::open(uint64_t size, MemoryUse use, TsrMessage* message) {
  const VkResult r = gpu_->allocate(size, use, &block_);
  if (r == VK_SUCCESS) return TSR_OK;
  return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: %" PRIu64 " bytes for staging: %s",
                      size, result_name(r));
}

bool Ring::take(uint64_t size, Slice* slice) {
  const uint64_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
  uint64_t begin = head_;
  const uint64_t to_end = block_.size - begin % block_.size;
  if (rounded > to_end) begin += to_end;  // a slice does not wrap
  if (begin + rounded - tail_ > block_.size) return false;
  head_ = begin + rounded;
  const uint64_t offset = begin % block_.size;
  *slice = {block_.mapped + offset, block_.address + offset, block_.buffer, offset};
  return true;
}

void Ring::close(uint64_t value, uint64_t position) {
  if (position == (marks_.empty() ? tail_ : marks_.back().position)) return;
  marks_.push_back({value, position});
}

void Ring::release(uint64_t value) {
  while (!marks_.empty() && marks_.front().value <= value) {
    tail_ = marks_.front().position;
    marks_.pop_front();
  }
  // Idle: start over, so that the whole ring is one piece.
  if (marks_.empty() && tail_ == head_) head_ = tail_ = 0;
}

}  // namespace tessera::vulkan
