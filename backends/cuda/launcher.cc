// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/launcher.h"

#include <cstdio>

#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {

Launcher::Launcher(Stream* stream, const TsrNode& node, TsrMessage* message)
    : stream_(stream),
      node_(node),
      message_(message),
      handle_(stream->recording != nullptr ? stream->recording->capture() : stream->handle) {
  std::snprintf(stream->last_op, sizeof stream->last_op, "%s", node.op);
  ++stream->ops_since_wait;
}

// Whatever the stream does next may have the memory: it comes after this node's work.
Launcher::~Launcher() {
  for (TsrBuffer* buffer : scratch_) stream_->device->allocator.free(handle_, buffer);
}

void Launcher::fail(TsrStatus status, const std::string& what) {
  throw KernelFailure{plugin::fail(message_, status, "%s: %s", node_.op, what.c_str())};
}

void* Launcher::scratch_bytes(uint64_t bytes) {
  if (stream_->recording != nullptr) {
    void* data = nullptr;
    check(stream_->recording->scratch(bytes, &data, message_));
    return data;
  }
  TsrBuffer* buffer = nullptr;
  check(stream_->device->allocator.allocate(handle_, bytes, &buffer, message_));
  scratch_.push_back(buffer);
  return buffer->data;
}

}  // namespace tessera::cuda
