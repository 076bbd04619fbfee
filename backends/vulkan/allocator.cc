// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/allocator.h"

#include <algorithm>
#include <cinttypes>

#include "tessera/backends/plugin/status.h"

namespace tessera::vulkan {
namespace {

constexpr uint64_t kGranule = 256;                   // bytes; also the alignment of buffers
constexpr uint64_t kBlock = uint64_t{64} << 20;      // what the driver is asked for at a time
constexpr uint64_t kSmallBlock = uint64_t{4} << 20;  // of the first ones, for small programs
constexpr uint64_t kLargeStep = uint64_t{2} << 20;   // blocks beyond kBlock are multiples of this

uint64_t round_up(uint64_t size, uint64_t step) { return (size + step - 1) / step * step; }

}  // namespace

Allocator::Allocator(Gpu* gpu, Audit* audit, std::function<void()> wait_idle)
    : gpu_(gpu), audit_(audit), wait_idle_(std::move(wait_idle)) {}

Allocator::~Allocator() {
  merge_cache();
  for (Buffer* b : spare_) delete b;
  for (std::unique_ptr<Block>& block : blocks_) {
    if (block != nullptr) gpu_->release(block.get());
  }
}

Buffer* Allocator::from_cache(uint64_t size) {
  const auto found = cache_.find(size);
  if (found == cache_.end() || found->second.empty()) return nullptr;
  Buffer* buffer = found->second.back();
  found->second.pop_back();
  return buffer;
}

Buffer* Allocator::from_ranges(uint64_t size) {
  const std::optional<Range> range = ranges_.take(size);
  if (!range.has_value()) return nullptr;
  if (spare_.empty()) spare_.push_back(new Buffer);
  Buffer* buffer = spare_.back();
  spare_.pop_back();
  const Block& block = *blocks_[range->block];
  buffer->struct_size = sizeof(TsrBuffer);
  buffer->range = *range;
  buffer->block_buffer = block.buffer;
  buffer->data = reinterpret_cast<void*>(block.address + range->offset);
  return buffer;
}

void Allocator::merge_cache() {
  for (auto& [size, buffers] : cache_) {
    for (Buffer* buffer : buffers) {
      ranges_.give_back(buffer->range);
      spare_.push_back(buffer);
    }
    buffers.clear();
  }
}

void Allocator::release_whole_blocks() {
  wait_idle_();
  for (uint32_t index : ranges_.remove_whole_blocks()) {
    stats_.bytes_reserved -= blocks_[index]->size;
    if (audit_ != nullptr) audit_->remove_block(*blocks_[index]);
    gpu_->release(blocks_[index].get());
    blocks_[index].reset();
  }
}

VkResult Allocator::add_block_of(uint64_t size) {
  auto block = std::make_unique<Block>();
  VkResult r = gpu_->allocate(size, MemoryUse::kDevice, block.get());
  if (r == VK_SUCCESS && audit_ != nullptr) {
    r = audit_->add_block(*block);
    if (r != VK_SUCCESS) gpu_->release(block.get());
  }
  if (r != VK_SUCCESS) return r;
  const auto hole = std::find(blocks_.begin(), blocks_.end(), nullptr);
  const uint32_t index = static_cast<uint32_t>(hole - blocks_.begin());
  if (hole == blocks_.end()) blocks_.emplace_back();
  blocks_[index] = std::move(block);
  ranges_.add_block(index, size);
  stats_.bytes_reserved += size;
  return VK_SUCCESS;
}

TsrStatus Allocator::add_block(uint64_t size, TsrMessage* message) {
  const uint64_t most = gpu_->physical().max_allocation, memory = gpu_->physical().memory_bytes;
  if (size > most || size > memory) {
    return plugin::fail(
        message, TSR_RESOURCE_EXHAUSTED, "%s: %" PRIu64 " bytes wanted, %" PRIu64 " in use; %s",
        "vulkan", size, stats_.bytes_in_use,
        size > memory ? "the device has less memory" : "its driver gives less at a time");
  }
  const uint64_t usual = stats_.bytes_reserved < kBlock ? kSmallBlock : kBlock;
  const uint64_t liked = size > usual / 2 ? round_up(size, kLargeStep) : usual;
  VkResult r = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  for (const bool trimmed : {false, true}) {
    if (trimmed) release_whole_blocks();
    if (stats_.bytes_reserved + liked <= memory && liked <= most) r = add_block_of(liked);
    if (r != VK_SUCCESS && liked != size && stats_.bytes_reserved + size <= memory) {
      r = add_block_of(size);
    }
    if (r == VK_SUCCESS) return TSR_OK;
  }
  return plugin::fail(message, TSR_RESOURCE_EXHAUSTED,
                      "vulkan: %s: %" PRIu64 " bytes wanted, %" PRIu64 " in use, %" PRIu64
                      " reserved of %" PRIu64,
                      result_name(r), size, stats_.bytes_in_use, stats_.bytes_reserved, memory);
}

TsrStatus Allocator::allocate(uint64_t size, TsrBuffer** buffer, TsrMessage* message) {
  if (size > gpu_->physical().memory_bytes) {
    return plugin::fail(message, TSR_RESOURCE_EXHAUSTED,
                        "vulkan: %" PRIu64 " bytes wanted, %" PRIu64
                        " in use; the device has %" PRIu64,
                        size, stats_.bytes_in_use, gpu_->physical().memory_bytes);
  }
  const uint64_t rounded = std::max(round_up(size, kGranule), kGranule);
  Buffer* made = from_cache(rounded);
  if (made == nullptr) made = from_ranges(rounded);
  if (made == nullptr) {
    merge_cache();
    made = from_ranges(rounded);
  }
  if (made == nullptr) {
    TESSERA_PLUGIN_RETURN_IF_ERROR(add_block(rounded, message));
    made = from_ranges(rounded);
    ++stats_.system_allocations;
  }
  made->size = size;
  stats_.bytes_in_use += rounded;
  stats_.bytes_peak = std::max(stats_.bytes_peak, stats_.bytes_in_use);
  ++stats_.buffers_in_use;
  ++stats_.allocations;
  *buffer = made;
  return TSR_OK;
}

void Allocator::free(TsrBuffer* handle) {
  Buffer* buffer = static_cast<Buffer*>(handle);
  stats_.bytes_in_use -= buffer->range.size;
  --stats_.buffers_in_use;
  cache_[buffer->range.size].push_back(buffer);
}

void Allocator::trim() {
  merge_cache();
  release_whole_blocks();
}

}  // namespace tessera::vulkan
