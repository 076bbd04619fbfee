// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/faults.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>

#include "tessera/backends/plugin/status.h"

namespace tessera::vulkan {

struct Faults::Record {
  uint32_t claimed;  // 0: nothing is wrong
  uint32_t ticket;
  int64_t index, limit;
};

Faults::~Faults() {
  if (block_.buffer != VK_NULL_HANDLE) gpu_->release(&block_);
}

TsrStatus Faults::open(TsrMessage* message) {
  const VkResult r = gpu_->allocate(256, MemoryUse::kDownload, &block_);
  if (r != VK_SUCCESS) {
    return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: 256 bytes: %s", result_name(r));
  }
  std::memset(block_.mapped, 0, sizeof(Record));
  return TSR_OK;
}

uint32_t Faults::ticket(const char* op) {
  auto found = std::find(ops_.begin(), ops_.end(), op);
  if (found == ops_.end()) found = ops_.insert(found, op);
  return static_cast<uint32_t>(found - ops_.begin());
}

TsrStatus Faults::take(TsrMessage* message) {
  Record record;
  std::memcpy(&record, block_.mapped, sizeof record);
  if (record.claimed == 0) return TSR_OK;
  std::memset(block_.mapped, 0, sizeof record);
  const char* op = record.ticket < ops_.size() ? ops_[record.ticket].c_str() : "vulkan";
  return plugin::fail(message, TSR_OUT_OF_RANGE,
                      "%s: index %" PRId64 " is out of range [0, %" PRId64 ")", op, record.index,
                      record.limit);
}

}  // namespace tessera::vulkan
