// SPDX-License-Identifier: Apache-2.0
//
// Nodes captured once from a stream of their own into a CUDA graph that is launched again and
// again.
#ifndef TESSERA_BACKENDS_CUDA_GRAPH_H_
#define TESSERA_BACKENDS_CUDA_GRAPH_H_

#include <vector>

#include "tessera/backends/cuda/handles.h"

namespace tessera::cuda {

// Owns the memory that its kernels use beside the nodes' tensors. Used by one thread at a time.
class Graph {
 public:
  explicit Graph(Stream* stream) : device_(stream->device) {}
  // Waits for the launches.
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  TsrStatus begin(TsrMessage* message);
  TsrStatus end(TsrMessage* message);
  TsrStatus launch(Stream* stream, TsrMessage* message);

  Device* device() const { return device_; }
  // While it is recorded: where kernels go, and what they keep until the graph is destroyed.
  cudaStream_t capture() const { return capture_; }
  TsrStatus scratch(uint64_t bytes, void** data, TsrMessage* message);

 private:
  Device* const device_;
  cudaStream_t capture_ = nullptr;
  cudaStream_t memory_ = nullptr;  // scratch is allocated and freed on it
  bool capturing_ = false;
  cudaGraphExec_t exec_ = nullptr;
  cudaEvent_t launched_ = nullptr;
  std::vector<TsrBuffer*> scratch_;
};

inline Graph* unwrap(TsrGraph* handle) { return reinterpret_cast<Graph*>(handle); }

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_GRAPH_H_
