// SPDX-License-Identifier: Apache-2.0
//
// Recorder: what a kernel uses to put one node's work into a command buffer.
//
//   void run(Recorder& r, const TsrNode& node) {
//     const Push push = {address_of(*node.inputs[0]), address_of(*node.outputs[0]), n};
//     r.dispatch(shaders::square(dtype), {256}, push, r.groups_for(n, 256));
//   }
//
// The node's inputs and outputs are known to it, so that barriers stand where they have to. Several
// dispatches of a node are independent of each other unless barrier() stands between them.
#ifndef TESSERA_BACKENDS_VULKAN_RECORDER_H_
#define TESSERA_BACKENDS_VULKAN_RECORDER_H_

#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/vulkan/commands.h"
#include "tessera/backends/vulkan/graph.h"
#include "tessera/backends/vulkan/handles.h"
#include "tessera/backends/vulkan/shader.h"

namespace tessera::vulkan {

// What a kernel throws inside the plugin; the message is written by then.
struct KernelFailure {
  TsrStatus status;
};

// The device address of a tensor's first element. Immediates have none: see Recorder::address.
inline uint64_t address_of(const TsrTensor& t) { return reinterpret_cast<uint64_t>(t.data); }

class Recorder {
 public:
  // Records into device->recording, or to be submitted soon if that is null. The device's mutex is
  // held.
  Recorder(Device* device, const TsrNode& node, TsrMessage* message);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Ends the node. To be called after the last dispatch.
  TsrStatus finish();

  const PhysicalDevice& physical() const { return device_->gpu.physical(); }
  const TsrNode& node() const { return node_; }

  // Where a shader finds the first element of an input, be it an immediate.
  uint64_t address(const TsrTensor& t);
  // Device memory for this node's dispatches: its address. Contents undefined; aligned to 256.
  uint64_t scratch(uint64_t bytes);
  // Memory that the host fills now and this node's dispatches read.
  Slice arguments(uint64_t bytes);
  // For shaders with fault.glsl: the address of the record, and this node's ticket.
  uint64_t fault_address() { return device_->queue.faults().address(); }
  uint32_t fault_ticket() { return device_->queue.faults().ticket(node_.op); }

  // `push` is what the shader declares as its push constants; `constants` its specialisation
  // constants from 0 on. Nothing happens if a number of groups is 0.
  template <class Push>
  void dispatch(const Shader& shader, std::initializer_list<uint32_t> constants, const Push& push,
                Groups groups) {
    static_assert(std::is_trivially_copyable_v<Push> && sizeof(Push) <= kPushBytes &&
                  sizeof(Push) % 4 == 0);
    dispatch_bytes(shader, {constants.begin(), constants.size()}, &push, sizeof(Push), groups);
  }
  void dispatch_bytes(const Shader& shader, std::span<const uint32_t> constants, const void* push,
                      uint32_t push_bytes, Groups groups);
  // The next dispatch reads what the earlier ones of this node wrote.
  void barrier() { registered_ = false; }

  // Enough groups for `items` with `per_group` in each, as group_index() of common.glsl counts
  // them: along x, and along y where x does not suffice.
  Groups groups_for(uint64_t items, uint32_t per_group) const;

  // Throws KernelFailure unless `status` is TSR_OK.
  static void check(TsrStatus status) {
    if (status != TSR_OK) throw KernelFailure{status};
  }
  TsrMessage* message() { return message_; }

 private:
  Commands& commands();

  Device* device_;
  Graph* graph_;
  const TsrNode& node_;
  TsrMessage* message_;
  std::vector<Access>& accesses_;
  std::vector<TsrBuffer*>& scratch_;  // given back with this
  bool registered_ = false;
  uint64_t epoch_ = 0;  // submissions when accesses_ were registered
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_RECORDER_H_
