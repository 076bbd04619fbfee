// SPDX-License-Identifier: Apache-2.0
//
// The one queue of a device: records work, submits it in batches, and waits.
//
// All streams of a device share it, so that work is done in the order in which it was recorded,
// whatever its stream; an event is a point in that order. Work is submitted when somebody waits for
// it, or when enough has come together: one submission for many nodes.
#ifndef TESSERA_BACKENDS_VULKAN_QUEUE_H_
#define TESSERA_BACKENDS_VULKAN_QUEUE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tessera/backends/vulkan/allocator.h"
#include "tessera/backends/vulkan/audit.h"
#include "tessera/backends/vulkan/commands.h"
#include "tessera/backends/vulkan/faults.h"
#include "tessera/backends/vulkan/gpu.h"
#include "tessera/backends/vulkan/ring.h"

namespace tessera::vulkan {

// One caller at a time.
class Queue {
 public:
  explicit Queue(Gpu* gpu);
  ~Queue();  // waits for its work
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  TsrStatus open(TsrMessage* message);

  // Copies, as in the C interface. Offsets and sizes were checked.
  TsrStatus upload(const void* source, const Buffer& target, uint64_t offset, uint64_t bytes,
                   TsrMessage* message);
  TsrStatus download(const Buffer& source, uint64_t offset, void* target, uint64_t bytes,
                     TsrMessage* message);
  TsrStatus copy(const Buffer& source, uint64_t source_offset, const Buffer& target,
                 uint64_t target_offset, uint64_t bytes, TsrMessage* message);

  // Around the recording of a node of `op`. The end submits if enough has come together.
  void begin_node(const char* op);
  TsrStatus end_node(TsrMessage* message);
  // The commands to record into, until the next call of anything here.
  TsrStatus commands(Commands** commands, TsrMessage* message);
  // Memory for the arguments of kernels, valid until the work of the node is done.
  TsrStatus arguments(uint64_t bytes, Slice* slice, TsrMessage* message);

  // Submits what is recorded.
  TsrStatus flush(TsrMessage* message);
  // Submits what is recorded, then `commands`, which may be submitted again.
  TsrStatus submit_recorded(VkCommandBuffer commands, const char* name, TsrMessage* message);
  // Waits for all that was submitted up to `value`; delivers downloads.
  TsrStatus wait(uint64_t value, TsrMessage* message) {
    return finish(value, await(value), message);
  }
  // The two halves of wait(). The first changes nothing and may be called by any thread.
  VkResult await(uint64_t value) const;
  TsrStatus finish(uint64_t value, VkResult awaited, TsrMessage* message);
  TsrStatus wait_idle(TsrMessage* message);
  // The last submission.
  uint64_t submitted() const { return submitted_; }
  // Whether submission `value` is done.
  bool reached(uint64_t value);
  // What kernels found wrong, or a validation layer did, since this was called last.
  TsrStatus take_error(TsrMessage* message);

  VkResult allocate_commands(VkCommandBuffer* commands);
  void free_commands(VkCommandBuffer commands);

  Faults& faults() { return faults_; }
  Audit* audit() { return audit_.get(); }

 private:
  struct Slot {
    VkCommandBuffer commands;
    uint64_t value;  // in use until this submission is done
  };
  // A copy from the ring of downloads to the host, due when `value` is done.
  struct Delivery {
    const char* from;
    void* to;
    uint64_t bytes;
    uint64_t value;
  };

  TsrStatus start(TsrMessage* message);
  TsrStatus flush_if_enough(TsrMessage* message);
  TsrStatus submit(VkCommandBuffer extra, TsrMessage* message);
  TsrStatus take_from(Ring& ring, uint64_t bytes, Slice* slice, TsrMessage* message);
  void collect(uint64_t value);
  TsrStatus lose(const char* what, VkResult r, TsrMessage* message);

  Gpu* gpu_;
  std::unique_ptr<Audit> audit_;  // with validation only
  Commands current_;
  Ring uploads_, downloads_;
  Faults faults_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  VkSemaphore timeline_ = VK_NULL_HANDLE;
  std::vector<Slot> slots_;
  std::vector<Delivery> deliveries_;
  uint64_t submitted_ = 0, done_ = 0;
  // Within a node: what was taken of `uploads_` before it.
  std::optional<uint64_t> node_start_;
  std::string first_op_, last_op_;  // of what is recorded or pending, for messages
  std::string lost_;                // why the device is lost; empty if it is not
  uint64_t validated_ = 0;          // messages of the validation layer that were reported
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_QUEUE_H_
