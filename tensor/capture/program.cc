// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/program.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/tensor/capture_hooks.h"

namespace tessera::capture {
namespace {

constexpr int kMaxImmediateRank = 64;
const int64_t kZeroStrides[kMaxImmediateRank] = {};

absl::Status in_module(const Node& node, const absl::Status& status) {
  if (status.ok() || node.module.empty()) return status;
  return absl::Status(status.code(), absl::StrCat(node.module, ": ", status.message()));
}

}  // namespace

Program::Program(Graph graph, const ProgramOptions& options)
    : graph_(std::move(graph)), options_(options), plan_(plan_memory(graph_)) {}

Program::~Program() {
  for (Segment& segment : segments_) {
    if (segment.prepared != nullptr) graph_.device->api->graph_destroy(segment.prepared);
  }
}

absl::StatusOr<std::unique_ptr<Program>> Program::make(Graph graph, const ProgramOptions& options) {
  std::unique_ptr<Program> program(new Program(std::move(graph), options));
  if (program->graph_.device != nullptr) {
    if (absl::Status s = program->allocate(); !s.ok()) return s;
  }
  size_t operands = 0;
  for (const std::vector<Node>* nodes : {&program->graph_.nodes, &program->graph_.constants}) {
    for (const Node& node : *nodes) operands += node.inputs.size() + node.outputs.size();
  }
  program->tensors_.reserve(operands);  // so that addresses stay
  program->pointers_.reserve(operands);
  program->describe(program->graph_.nodes, &program->nodes_);
  program->describe(program->graph_.constants, &program->constant_nodes_);
  program->nodes_of_draws_.resize(program->graph_.draws.size());
  for (uint32_t n = 0; n < program->graph_.nodes.size(); ++n) {
    const int32_t draw = program->graph_.nodes[n].draw;
    if (draw >= 0) program->nodes_of_draws_[static_cast<size_t>(draw)].push_back(n);
  }
  if (options.time_nodes) program->node_seconds_.assign(program->nodes_.size(), 0);
  if (absl::Status s = program->compute_constants(); !s.ok()) return s;
  program->cut();
  if (absl::Status s = program->prepare(); !s.ok()) return s;
  return program;
}

absl::Status Program::allocate() {
  // Though there may be nothing but tensors without elements.
  absl::StatusOr<Buffer> arena = Buffer::allocate(graph_.device, plan_.arena_bytes);
  if (!arena.ok()) return arena.status();
  absl::StatusOr<Buffer> constants = Buffer::allocate(graph_.device, plan_.constant_bytes);
  if (!constants.ok()) return constants.status();
  arena_ = *std::move(arena);
  constants_ = *std::move(constants);
  return absl::OkStatus();
}

void Program::describe(const Operand& operand, const Shape& immediate_shape, TsrTensor* to) {
  to->struct_size = sizeof(TsrTensor);
  to->dtype = static_cast<uint32_t>(operand.dtype);
  to->reserved = 0;
  if (operand.is_immediate()) {
    to->immediate[0] = operand.immediate;
    to->data = to->immediate;
    to->buffer = nullptr;
    to->offset = 0;
    to->shape = immediate_shape.data();
    to->strides = kZeroStrides;
    to->rank = static_cast<uint32_t>(immediate_shape.rank());
    to->flags = TSR_TENSOR_IMMEDIATE;
    return;
  }
  const Memory& memory = graph_.memories[operand.memory];
  const int64_t offset = operand.offset * itemsize(operand.dtype);
  to->offset = static_cast<uint64_t>(offset);
  const Buffer* buffer = nullptr;
  switch (memory.place) {
    case Place::kTemporary:
      buffer = &arena_;
      to->offset += plan_.offsets[operand.memory];
      break;
    case Place::kConstant:
      buffer = &constants_;
      to->offset += plan_.constant_offsets[operand.memory];
      break;
    case Place::kKept:
    case Place::kOuter:
      buffer = &memory.storage->buffer();
      break;
    case Place::kInput:
      argument_uses_.push_back(
          {static_cast<uint32_t>(to - tensors_.data()), memory.input, to->offset});
      break;
  }
  to->buffer = buffer == nullptr ? nullptr : buffer->raw();
  to->data = buffer == nullptr ? nullptr : static_cast<char*>(buffer->data()) + to->offset;
  to->shape = operand.shape.data();
  to->strides = operand.strides.data();
  to->rank = static_cast<uint32_t>(operand.shape.rank());
  to->flags = 0;
}

void Program::describe(const std::vector<Node>& nodes, std::vector<TsrNode>* to) {
  static const Shape kScalar;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const Node& node = nodes[n];
    TsrNode raw = {};
    raw.struct_size = sizeof(TsrNode);
    if (!node.is_work()) {
      const Shape& shape =
          node.op->has(kElementwise) && !node.outputs.empty() ? node.outputs[0].shape : kScalar;
      const size_t first = pointers_.size();
      for (const std::vector<Operand>* operands : {&node.inputs, &node.outputs}) {
        for (const Operand& operand : *operands) {
          tensors_.emplace_back();
          describe(operand, shape, &tensors_.back());
          pointers_.push_back(&tensors_.back());
        }
      }
      raw.op = node.op->name.data();
      raw.id = n;
      raw.inputs = pointers_.data() + first;
      raw.outputs = raw.inputs + node.inputs.size();
      raw.n_inputs = static_cast<uint32_t>(node.inputs.size());
      raw.n_outputs = static_cast<uint32_t>(node.outputs.size());
      raw.ints = node.attributes.ints.data();
      raw.doubles = node.attributes.doubles.data();
      raw.n_ints =
          std::min(static_cast<uint32_t>(node.attributes.ints.size()), node.op->kernel_ints);
      raw.n_doubles = static_cast<uint32_t>(node.attributes.doubles.size());
    }
    to->push_back(raw);
  }
}

absl::Status Program::compute_constants() {
  for (size_t n = 0; n < constant_nodes_.size(); ++n) {
    if (absl::Status s = launch(graph_.constants[n], constant_nodes_[n]); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// Into work of the host, nodes whose attributes change, and runs of the rest.
void Program::cut() {
  auto changes = [&](uint32_t n) { return graph_.nodes[n].draw >= 0; };
  for (uint32_t n = 0; n < graph_.nodes.size();) {
    Segment segment = {.begin = n, .end = n + 1, .is_work = graph_.nodes[n].is_work()};
    if (!segment.is_work) {
      const bool kind = changes(n);
      while (segment.end < graph_.nodes.size() && !graph_.nodes[segment.end].is_work() &&
             changes(segment.end) == kind) {
        ++segment.end;
      }
    }
    segments_.push_back(segment);
    n = segment.end;
  }
}

absl::Status Program::prepare() {
  if (!options_.device_graphs || options_.time_nodes || graph_.device == nullptr) {
    return absl::OkStatus();
  }
  const TsrBackendApi& api = *graph_.device->api;
  // What prepared nodes read stays where it is.
  std::vector<uint64_t> sizes;
  for (const Memory& memory : graph_.memories) {
    if (memory.place != Place::kInput) continue;
    if (memory.input >= sizes.size()) sizes.resize(memory.input + 1, 0);
    sizes[memory.input] = memory.bytes;
  }
  std::vector<Buffer> buffers;
  for (uint64_t size : sizes) {
    absl::StatusOr<Buffer> buffer = Buffer::allocate(graph_.device, size);
    if (!buffer.ok()) return buffer.status();
    buffers.push_back(*std::move(buffer));
  }
  for (const ArgumentUse& use : argument_uses_) {
    TsrTensor& tensor = tensors_[use.tensor];
    tensor.buffer = buffers[use.argument].raw();
    tensor.data = static_cast<char*>(buffers[use.argument].data()) + use.offset;
  }
  for (Segment& segment : segments_) {
    if (segment.is_work || graph_.nodes[segment.begin].draw >= 0) continue;
    std::vector<const TsrNode*> list;
    for (uint32_t n = segment.begin; n < segment.end; ++n) list.push_back(&nodes_[n]);
    PluginMessage message;
    StreamLock lock(graph_.device);
    const TsrStatus code = api.graph_create(graph_.device->stream, list.data(), list.size(),
                                            &segment.prepared, message.get());
    if (code == TSR_UNIMPLEMENTED) {
      segment.prepared = nullptr;
      continue;  // node by node
    }
    if (code != TSR_OK) return message.status(code, "graph_create");
    prepared_ = true;
  }
  if (prepared_) argument_buffers_ = std::move(buffers);
  return absl::OkStatus();
}

absl::Status Program::take_arguments(absl::Span<const Tensor> arguments) {
  if (!prepared_) {
    for (const ArgumentUse& use : argument_uses_) {
      const TensorImpl& argument = arguments[use.argument].impl();
      const Buffer& buffer = argument.storage->buffer();
      const auto begin = static_cast<uint64_t>(argument.offset * itemsize(argument.dtype));
      TsrTensor& tensor = tensors_[use.tensor];
      tensor.buffer = buffer.raw();
      tensor.offset = begin + use.offset;
      tensor.data = static_cast<char*>(buffer.data()) + tensor.offset;
    }
    return absl::OkStatus();
  }
  for (size_t i = 0; i < argument_buffers_.size(); ++i) {
    const TensorImpl& argument = arguments[i].impl();
    const int64_t size = itemsize(argument.dtype);
    const auto bytes = static_cast<uint64_t>(argument.numel * size);
    if (bytes == 0 || argument_buffers_[i].size() < bytes) continue;
    PluginMessage message;
    StreamLock lock(graph_.device);
    const TsrStatus code =
        graph_.device->api->copy_buffer(graph_.device->stream, argument.storage->buffer().raw(),
                                        static_cast<uint64_t>(argument.offset * size),
                                        argument_buffers_[i].raw(), 0, bytes, message.get());
    if (code != TSR_OK) return message.status(code, "copy_buffer");
  }
  return absl::OkStatus();
}

// Takes the numbers that the step took after `work_done` works of the host, in its order.
void Program::take_draws(uint32_t work_done) {
  for (size_t d = 0; d < graph_.draws.size(); ++d) {
    const Draw& draw = graph_.draws[d];
    if (draw.work_before != work_done) continue;
    const Generator start = take_random_blocks(draw.blocks, draw.generator);
    for (uint32_t n : nodes_of_draws_[d]) {
      Node& node = graph_.nodes[n];
      const auto at = static_cast<size_t>(node.op->random_ints);
      node.attributes.ints[at] = static_cast<int64_t>(start.seed);
      node.attributes.ints[at + 1] = static_cast<int64_t>(start.offset);
    }
  }
}

absl::Status Program::launch(const Node& node, const TsrNode& raw) const {
  PluginMessage message;
  const TsrStatus code = node.kernel->launch(graph_.device->stream, &raw, message.get());
  if (code == TSR_OK) [[likely]]
    return absl::OkStatus();
  const std::string_view text = message.text();
  const bool named = text.substr(0, node.op->name.size()) == node.op->name;
  return in_module(node, make_status(code, message.text(), named ? "" : node.op->name));
}

absl::Status Program::launch_list(const Segment& segment) {
  if (options_.time_nodes) {
    for (uint32_t n = segment.begin; n < segment.end; ++n) {
      const auto start = std::chrono::steady_clock::now();
      {
        StreamLock lock(graph_.device);
        if (absl::Status s = launch(graph_.nodes[n], nodes_[n]); !s.ok()) return s;
      }
      if (absl::Status s = Device(graph_.device).synchronize(); !s.ok()) return s;
      node_seconds_[n] +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    return absl::OkStatus();
  }
  StreamLock lock(graph_.device);
  for (uint32_t n = segment.begin; n < segment.end; ++n) {
    if (absl::Status s = launch(graph_.nodes[n], nodes_[n]); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status Program::run(absl::Span<const Tensor> arguments) {
  if (absl::Status s = take_arguments(arguments); !s.ok()) return s;
  uint32_t work_done = 0;
  take_draws(work_done);
  for (const Segment& segment : segments_) {
    absl::Status status;
    if (segment.is_work) {
      graph_.nodes[segment.begin].work();
      take_draws(++work_done);
    } else if (segment.prepared != nullptr) {
      PluginMessage message;
      StreamLock lock(graph_.device);
      const TsrStatus code =
          graph_.device->api->graph_launch(segment.prepared, graph_.device->stream, message.get());
      if (code != TSR_OK) status = message.status(code, "graph_launch");
    } else {
      status = launch_list(segment);
    }
    if (!status.ok()) return status;
  }
  ++num_runs_;
  return absl::OkStatus();
}

int Program::num_device_graphs() const {
  return static_cast<int>(std::count_if(segments_.begin(), segments_.end(),
                                        [](const Segment& s) { return s.prepared != nullptr; }));
}

int Program::num_prepared_nodes() const {
  int count = 0;
  for (const Segment& s : segments_) {
    if (s.prepared != nullptr) count += static_cast<int>(s.end - s.begin);
  }
  return count;
}

}  // namespace tessera::capture
