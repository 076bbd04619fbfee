// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/queue.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tessera/backends/plugin/status.h"

namespace tessera::vulkan {
namespace {

constexpr uint64_t kUploadRing = uint64_t{16} << 20;
constexpr uint64_t kDownloadRing = uint64_t{8} << 20;
// Nodes per submission: few while the device has nothing to do, many while it is busy.
constexpr uint32_t kNodesIdle = 24, kNodesBusy = 512;

// How long to wait for the device before it counts as hung.
uint64_t timeout_nanoseconds() {
  const char* value = std::getenv("TESSERA_VULKAN_TIMEOUT");
  const double seconds = value != nullptr ? std::atof(value) : 0;
  return static_cast<uint64_t>((seconds > 0 ? seconds : 600.0) * 1e9);
}

}  // namespace

Queue::Queue(Gpu* gpu)
    : gpu_(gpu),
      audit_(gpu->instance().validation() != nullptr ? std::make_unique<Audit>(gpu) : nullptr),
      current_(gpu, audit_.get()),
      uploads_(gpu),
      downloads_(gpu),
      faults_(gpu) {}

Queue::~Queue() {
  const DeviceFunctions& vk = gpu_->vk();
  if (gpu_->handle() == VK_NULL_HANDLE) return;
  wait_idle(nullptr);
  vk.DeviceWaitIdle(gpu_->handle());
  if (timeline_ != VK_NULL_HANDLE) vk.DestroySemaphore(gpu_->handle(), timeline_, nullptr);
  if (pool_ != VK_NULL_HANDLE) vk.DestroyCommandPool(gpu_->handle(), pool_, nullptr);
}

TsrStatus Queue::open(TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(uploads_.open(kUploadRing, MemoryUse::kUpload, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(downloads_.open(kDownloadRing, MemoryUse::kDownload, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(faults_.open(message));
  VkCommandPoolCreateInfo pool = {VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
  pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
  pool.queueFamilyIndex = gpu_->physical().queue_family;
  VkSemaphoreTypeCreateInfo type = {VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO};
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  VkSemaphoreCreateInfo semaphore = {VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
  semaphore.pNext = &type;
  VkResult r = gpu_->vk().CreateCommandPool(gpu_->handle(), &pool, nullptr, &pool_);
  if (r == VK_SUCCESS) {
    r = gpu_->vk().CreateSemaphore(gpu_->handle(), &semaphore, nullptr, &timeline_);
  }
  if (r == VK_SUCCESS) return TSR_OK;
  return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: making a queue: %s",
                      result_name(r));
}

VkResult Queue::allocate_commands(VkCommandBuffer* commands) {
  VkCommandBufferAllocateInfo info = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
  info.commandPool = pool_;
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  return gpu_->vk().AllocateCommandBuffers(gpu_->handle(), &info, commands);
}

void Queue::free_commands(VkCommandBuffer commands) {
  gpu_->vk().FreeCommandBuffers(gpu_->handle(), pool_, 1, &commands);
}

// The message of the first failure, again for every later call.
TsrStatus Queue::lose(const char* what, VkResult r, TsrMessage* message) {
  lost_ = first_op_.empty() ? "vulkan" : first_op_;
  lost_ += std::string(": ") + what + ": " + result_name(r);
  if (!first_op_.empty()) lost_ += ", in the work from " + first_op_ + " to " + last_op_;
  return plugin::fail(message, TSR_UNAVAILABLE, "%s", lost_.c_str());
}

TsrStatus Queue::start(TsrMessage* message) {
  if (!lost_.empty()) return plugin::fail(message, TSR_UNAVAILABLE, "%s", lost_.c_str());
  if (current_.recording()) return TSR_OK;
  collect(reached(submitted_) ? submitted_ : done_);
  auto slot =
      std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.value <= done_; });
  if (slot == slots_.end()) {
    VkCommandBuffer commands = VK_NULL_HANDLE;
    if (const VkResult r = allocate_commands(&commands); r != VK_SUCCESS) {
      return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: a command buffer: %s",
                          result_name(r));
    }
    slot = slots_.insert(slots_.end(), {commands, 0});
  }
  slot->value = submitted_ + 1;
  if (const VkResult r = current_.begin(slot->commands, false); r != VK_SUCCESS) {
    return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: a command buffer: %s",
                        result_name(r));
  }
  return TSR_OK;
}

void Queue::begin_node(const char* op) {
  if (first_op_.empty()) first_op_ = op;
  last_op_ = op;
  node_start_ = uploads_.position();
}

TsrStatus Queue::end_node(TsrMessage* message) {
  node_start_.reset();
  return flush_if_enough(message);
}

TsrStatus Queue::commands(Commands** commands, TsrMessage* message) {
  *commands = &current_;
  return start(message);
}

TsrStatus Queue::flush_if_enough(TsrMessage* message) {
  if (current_.size() < kNodesIdle) return TSR_OK;
  if (current_.size() < kNodesBusy && !reached(submitted_)) return TSR_OK;
  return flush(message);
}

TsrStatus Queue::take_from(Ring& ring, uint64_t bytes, Slice* slice, TsrMessage* message) {
  if (ring.take(bytes, slice)) return TSR_OK;
  TESSERA_PLUGIN_RETURN_IF_ERROR(flush(message));
  for (uint64_t value = done_ + 1; value <= submitted_; ++value) {
    TESSERA_PLUGIN_RETURN_IF_ERROR(wait(value, message));
    if (ring.take(bytes, slice)) return start(message);
  }
  return plugin::fail(message, TSR_RESOURCE_EXHAUSTED,
                      "vulkan: %llu bytes of arguments are more than the ring for them holds",
                      static_cast<unsigned long long>(bytes));
}

TsrStatus Queue::arguments(uint64_t bytes, Slice* slice, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(take_from(uploads_, bytes, slice, message));
  return start(message);
}

TsrStatus Queue::upload(const void* source, const Buffer& target, uint64_t offset, uint64_t bytes,
                        TsrMessage* message) {
  const char* from = static_cast<const char*>(source);
  while (bytes > 0) {
    const uint64_t part = std::min(bytes, uploads_.largest() / 2);
    Slice slice;
    TESSERA_PLUGIN_RETURN_IF_ERROR(start(message));
    TESSERA_PLUGIN_RETURN_IF_ERROR(take_from(uploads_, part, &slice, message));
    TESSERA_PLUGIN_RETURN_IF_ERROR(start(message));
    std::memcpy(slice.host, from, part);
    const uint64_t begin = target.address() + offset;
    const Access access = {begin, part, true};
    current_.access({&access, 1});
    current_.copy(slice.buffer, slice.offset, target.block_buffer, target.range.offset + offset,
                  part);
    from += part;
    offset += part;
    bytes -= part;
  }
  return flush_if_enough(message);
}

TsrStatus Queue::download(const Buffer& source, uint64_t offset, void* target, uint64_t bytes,
                          TsrMessage* message) {
  char* to = static_cast<char*>(target);
  while (bytes > 0) {
    const uint64_t part = std::min(bytes, downloads_.largest() / 2);
    Slice slice;
    TESSERA_PLUGIN_RETURN_IF_ERROR(start(message));
    TESSERA_PLUGIN_RETURN_IF_ERROR(take_from(downloads_, part, &slice, message));
    TESSERA_PLUGIN_RETURN_IF_ERROR(start(message));
    const uint64_t begin = source.address() + offset;
    const Access access = {begin, part, false};
    current_.access({&access, 1});
    current_.copy(source.block_buffer, source.range.offset + offset, slice.buffer, slice.offset,
                  part);
    deliveries_.push_back({slice.host, to, part, submitted_ + 1});
    to += part;
    offset += part;
    bytes -= part;
  }
  return TSR_OK;
}

TsrStatus Queue::copy(const Buffer& source, uint64_t source_offset, const Buffer& target,
                      uint64_t target_offset, uint64_t bytes, TsrMessage* message) {
  if (bytes == 0) return TSR_OK;
  if (source.data == target.data && source_offset < target_offset + bytes &&
      target_offset < source_offset + bytes) {
    if (source_offset == target_offset) return TSR_OK;
    return plugin::fail(message, TSR_UNIMPLEMENTED, "copy_buffer: the two ranges overlap");
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(start(message));
  const uint64_t from = source.address() + source_offset, to = target.address() + target_offset;
  const Access accesses[] = {{from, bytes, false}, {to, bytes, true}};
  current_.access(accesses);
  current_.copy(source.block_buffer, source.range.offset + source_offset, target.block_buffer,
                target.range.offset + target_offset, bytes);
  return flush_if_enough(message);
}

TsrStatus Queue::submit(VkCommandBuffer extra, TsrMessage* message) {
  VkCommandBuffer buffers[2];
  uint32_t count = 0;
  if (current_.recording()) {
    buffers[count++] = current_.handle();
    if (const VkResult r = current_.end(); r != VK_SUCCESS) {
      return lose("recording failed", r, message);
    }
  }
  if (extra != VK_NULL_HANDLE) buffers[count++] = extra;
  if (count == 0) return TSR_OK;
  const uint64_t value = submitted_ + 1;
  VkTimelineSemaphoreSubmitInfo timeline = {VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
  timeline.signalSemaphoreValueCount = 1;
  timeline.pSignalSemaphoreValues = &value;
  VkSubmitInfo info = {VK_STRUCTURE_TYPE_SUBMIT_INFO};
  info.pNext = &timeline;
  info.commandBufferCount = count;
  info.pCommandBuffers = buffers;
  info.signalSemaphoreCount = 1;
  info.pSignalSemaphores = &timeline_;
  if (const VkResult r = gpu_->vk().QueueSubmit(gpu_->queue(), 1, &info, VK_NULL_HANDLE);
      r != VK_SUCCESS) {
    return lose("submitting failed", r, message);
  }
  submitted_ = value;
  // The arguments of a node that is still being recorded belong to a later submission.
  uploads_.close(value, node_start_.value_or(uploads_.position()));
  downloads_.close(value, downloads_.position());
  return TSR_OK;
}

TsrStatus Queue::flush(TsrMessage* message) {
  if (!lost_.empty()) return plugin::fail(message, TSR_UNAVAILABLE, "%s", lost_.c_str());
  return submit(VK_NULL_HANDLE, message);
}

TsrStatus Queue::submit_recorded(VkCommandBuffer commands, const char* name, TsrMessage* message) {
  if (!lost_.empty()) return plugin::fail(message, TSR_UNAVAILABLE, "%s", lost_.c_str());
  if (first_op_.empty()) first_op_ = name;
  last_op_ = name;
  return submit(commands, message);
}

bool Queue::reached(uint64_t value) {
  if (value <= done_) return true;
  uint64_t now = 0;
  if (gpu_->vk().GetSemaphoreCounterValue(gpu_->handle(), timeline_, &now) != VK_SUCCESS) {
    return false;
  }
  return value <= now;
}

void Queue::collect(uint64_t value) {
  if (value <= done_) return;
  done_ = value;
  std::erase_if(deliveries_, [&](const Delivery& d) {
    if (d.value > value) return false;
    std::memcpy(d.to, d.from, d.bytes);
    return true;
  });
  uploads_.release(value);
  downloads_.release(value);
}

VkResult Queue::await(uint64_t value) const {
  VkSemaphoreWaitInfo info = {VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO};
  info.semaphoreCount = 1;
  info.pSemaphores = &timeline_;
  info.pValues = &value;
  static const uint64_t timeout = timeout_nanoseconds();
  return gpu_->vk().WaitSemaphores(gpu_->handle(), &info, timeout);
}

TsrStatus Queue::finish(uint64_t value, VkResult awaited, TsrMessage* message) {
  if (!lost_.empty()) return plugin::fail(message, TSR_UNAVAILABLE, "%s", lost_.c_str());
  if (awaited == VK_TIMEOUT) return lose("the queue does not finish its work", awaited, message);
  if (awaited != VK_SUCCESS) return lose("the device is lost", awaited, message);
  collect(value);
  if (value == submitted_ && !current_.recording()) {
    first_op_.clear();
    last_op_.clear();
  }
  return TSR_OK;
}

TsrStatus Queue::wait_idle(TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(flush(message));
  return wait(submitted_, message);
}

TsrStatus Queue::take_error(TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(faults_.take(message));
  ValidationLog* log = gpu_->instance().validation();
  if (log == nullptr || log->count() == validated_) return TSR_OK;
  validated_ = log->count();
  return plugin::fail(message, TSR_INTERNAL, "vulkan: validation: %s", log->last().c_str());
}

}  // namespace tessera::vulkan
