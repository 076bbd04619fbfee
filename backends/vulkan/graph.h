// SPDX-License-Identifier: Apache-2.0
//
// A graph: nodes recorded once into a command buffer that is submitted again and again.
#ifndef TESSERA_BACKENDS_VULKAN_GRAPH_H_
#define TESSERA_BACKENDS_VULKAN_GRAPH_H_

#include <vector>

#include "tessera/backends/vulkan/commands.h"
#include "tessera/backends/vulkan/handles.h"
#include "tessera/backends/vulkan/ring.h"

namespace tessera::vulkan {

// Owns the memory that its kernels use beside the nodes' tensors. Its device's mutex is held around
// every call.
class Graph {
 public:
  explicit Graph(Device* device)
      : device_(device), commands_(&device->gpu, device->queue.audit()) {}
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  TsrStatus begin(TsrMessage* message);
  TsrStatus end(TsrMessage* message);
  // One submission, with the work that was recorded eagerly before it.
  TsrStatus launch(TsrMessage* message);

  Device* device() const { return device_; }
  // While it is recorded:
  Commands& commands() { return commands_; }
  std::vector<TsrBuffer*>& scratch() { return scratch_; }
  TsrStatus arguments(uint64_t bytes, Slice* slice, TsrMessage* message);

 private:
  Device* device_;
  Commands commands_;
  VkCommandBuffer buffer_ = VK_NULL_HANDLE;
  std::vector<TsrBuffer*> scratch_;
  std::vector<Block> arguments_;
  uint64_t used_ = 0;  // of the last block of arguments_
};

inline Graph* unwrap(TsrGraph* handle) { return reinterpret_cast<Graph*>(handle); }

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_GRAPH_H_
