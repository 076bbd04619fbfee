// SPDX-License-Identifier: Apache-2.0
#include "tessera/tests/vulkan/step_recorder.h"

#include <cstring>
#include <deque>
#include <memory>
#include <string>

#include "tessera/backends/runtime/error.h"
#include "tessera/backends/runtime/registry.h"
#include "tessera/backends/vulkan/api.h"
#include "tessera/backends/vulkan/handles.h"
#include "tessera/backends/vulkan/kernel_table.h"

namespace tessera {
namespace {

// A node with all that it points to.
class NodeCopy {
 public:
  explicit NodeCopy(const TsrNode& from) : op_(from.op), node_(from) {
    node_.op = op_.c_str();
    ints_.assign(from.ints, from.ints + from.n_ints);
    doubles_.assign(from.doubles, from.doubles + from.n_doubles);
    node_.ints = ints_.data();
    node_.doubles = doubles_.data();
    for (uint32_t i = 0; i < from.n_inputs; ++i) add(*from.inputs[i]);
    for (uint32_t i = 0; i < from.n_outputs; ++i) add(*from.outputs[i]);
    node_.inputs = pointers_.data();
    node_.outputs = pointers_.data() + from.n_inputs;
  }
  NodeCopy(const NodeCopy&) = delete;
  const TsrNode& node() const { return node_; }

 private:
  void add(const TsrTensor& from) {
    TsrTensor& t = tensors_.emplace_back(from);
    t.shape = dims_.emplace_back(from.shape, from.shape + from.rank).data();
    t.strides = dims_.emplace_back(from.strides, from.strides + from.rank).data();
    if ((t.flags & TSR_TENSOR_IMMEDIATE) != 0) t.data = t.immediate;
    pointers_.push_back(&t);
  }

  std::string op_;
  TsrNode node_;
  std::vector<int64_t> ints_;
  std::vector<double> doubles_;
  std::deque<TsrTensor> tensors_;
  std::deque<std::vector<int64_t>> dims_;
  std::vector<const TsrTensor*> pointers_;
};

// The one record. The tests have one thread.
struct Record {
  bool recording = false, keeping = false;
  std::vector<std::unique_ptr<NodeCopy>> copies;
  std::vector<const TsrNode*> nodes;
  std::vector<std::pair<TsrStream*, TsrBuffer*>> freed;
} record;

TsrStatus launch(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  const TsrStatus status = vulkan::find_kernel(node->op)->launch(stream, node, message);
  if (status == TSR_OK && record.recording) {
    record.copies.push_back(std::make_unique<NodeCopy>(*node));
    record.nodes.push_back(&record.copies.back()->node());
  }
  return status;
}

const TsrKernel* kernel_find(TsrDevice*, const char* op) {
  static constexpr TsrKernel kKernel = {sizeof(TsrKernel), launch, nullptr};
  return vulkan::find_kernel(op) != nullptr ? &kKernel : nullptr;
}

void buffer_free(TsrStream* stream, TsrBuffer* buffer) {
  if (record.keeping) {
    record.freed.push_back({stream, buffer});
  } else {
    vulkan::kApi.buffer_free(stream, buffer);
  }
}

}  // namespace

Device recording_device() {
  static const Device device = [] {
    static TsrBackendApi api = vulkan::kApi;
    api.kernel_find = kernel_find;
    api.buffer_free = buffer_free;
    static const TsrPlugin plugin = {TSR_PLUGIN_HEADER, "recording", "test", &api};
    raise_if_error(register_backend(plugin));
    return Device("recording");
  }();
  return device;
}

uint64_t submissions() {
  return vulkan::unwrap(recording_device().state()->handle)->queue.submitted();
}

LaunchRecorder::LaunchRecorder() { record.recording = record.keeping = true; }

LaunchRecorder::~LaunchRecorder() {
  record.recording = record.keeping = false;
  for (const auto& [stream, buffer] : record.freed) vulkan::kApi.buffer_free(stream, buffer);
  record.freed.clear();
  record.nodes.clear();
  record.copies.clear();
}

void LaunchRecorder::stop() { record.recording = false; }

const std::vector<const TsrNode*>& LaunchRecorder::nodes() const { return record.nodes; }

}  // namespace tessera
