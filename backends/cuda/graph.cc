// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/graph.h"

#include <cstdio>

#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {

Graph::~Graph() {
  if (launched_ != nullptr) cudaEventSynchronize(launched_);
  if (capturing_) {
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(capture_, &graph) == cudaSuccess) cudaGraphDestroy(graph);
  }
  if (exec_ != nullptr) cudaGraphExecDestroy(exec_);
  for (TsrBuffer* buffer : scratch_) device_->allocator.free(memory_, buffer);
  if (launched_ != nullptr) cudaEventDestroy(launched_);
  if (capture_ != nullptr) cudaStreamDestroy(capture_);
  if (memory_ != nullptr) cudaStreamDestroy(memory_);
}

TsrStatus Graph::begin(TsrMessage* message) {
  cudaError_t error = cudaStreamCreateWithFlags(&capture_, cudaStreamNonBlocking);
  if (error == cudaSuccess) error = cudaStreamCreateWithFlags(&memory_, cudaStreamNonBlocking);
  if (error == cudaSuccess) error = cudaEventCreateWithFlags(&launched_, cudaEventDisableTiming);
  if (error == cudaSuccess) error = cudaStreamBeginCapture(capture_, cudaStreamCaptureModeRelaxed);
  capturing_ = error == cudaSuccess;
  return device_->health.report(error, "graph_create", message);
}

TsrStatus Graph::end(TsrMessage* message) {
  cudaGraph_t graph = nullptr;
  capturing_ = false;
  cudaError_t error = cudaStreamEndCapture(capture_, &graph);
  if (error == cudaSuccess) {
    error = cudaGraphInstantiate(&exec_, graph, 0);
    cudaGraphDestroy(graph);
  }
  // Scratch is there for launches on any stream.
  if (error == cudaSuccess && !scratch_.empty()) error = cudaStreamSynchronize(memory_);
  return device_->health.report(error, "graph_create", message);
}

TsrStatus Graph::launch(Stream* stream, TsrMessage* message) {
  std::snprintf(stream->last_op, sizeof stream->last_op, "a graph");
  ++stream->ops_since_wait;
  cudaError_t error = cudaGraphLaunch(exec_, stream->handle);
  if (error == cudaSuccess) error = cudaEventRecord(launched_, stream->handle);
  return device_->health.report(error, "graph_launch", message);
}

TsrStatus Graph::scratch(uint64_t bytes, void** data, TsrMessage* message) {
  TsrBuffer* buffer = nullptr;
  TESSERA_PLUGIN_RETURN_IF_ERROR(device_->allocator.allocate(memory_, bytes, &buffer, message));
  scratch_.push_back(buffer);
  *data = buffer->data;
  return TSR_OK;
}

}  // namespace tessera::cuda
