// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/recorder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/module_scope.h"

namespace tessera::capture {

namespace {

// Elements from the first to behind the last of a view.
int64_t extent_of(const Operand& operand) {
  if (operand.shape.numel() == 0) return 0;
  int64_t extent = 1;
  for (int64_t d = 0; d < operand.shape.rank(); ++d) {
    extent += (operand.shape[d] - 1) * operand.strides[static_cast<size_t>(d)];
  }
  return extent;
}

}  // namespace

Recorder::Recorder(absl::Span<const Tensor> arguments)
    : arguments_(arguments.begin(), arguments.end()), previous_(dispatch_state().recorder) {
  for (uint32_t i = 0; i < arguments.size(); ++i) {
    const RefPtr<Storage>& storage = arguments[i].impl().storage;
    Seen& seen = seen_[number_of(storage)];
    if (seen.input < 0) seen.input = static_cast<int32_t>(i);
  }
  dispatch_state().recorder = this;
}

Recorder::~Recorder() {
  dispatch_state().recorder = previous_;
  for (Seen& seen : seen_) {
    if (seen.storage != nullptr) seen.storage->watch(nullptr, 0);
  }
}

void Recorder::give_up(std::string_view why) {
  if (refused_.ok()) refused_ = absl::FailedPreconditionError(absl::StrCat("compile: ", why));
}

void Recorder::on_allocate(Storage& storage) {
  Seen seen;
  seen.storage = &storage;
  seen.bytes = storage.buffer().size();
  seen.made_here = true;
  storage.watch(this, static_cast<uint32_t>(seen_.size()));
  seen_.push_back(std::move(seen));
  live_ += storage.buffer().size();
  graph_.eager_peak = std::max(graph_.eager_peak, live_);
}

void Recorder::on_storage_gone(uint32_t number) {
  seen_[number].storage = nullptr;
  live_ -= seen_[number].bytes;
}

uint32_t Recorder::number_of(const RefPtr<Storage>& storage) {
  if (storage->watcher() == this) return storage->number();
  const auto [place, is_new] =
      outer_.try_emplace(storage.get(), static_cast<uint32_t>(seen_.size()));
  if (is_new) {
    Seen seen;
    seen.held = storage;
    seen.bytes = storage->buffer().size();
    seen_.push_back(std::move(seen));
  }
  return place->second;
}

Operand Recorder::operand_of(const Tensor& tensor) {
  const TensorImpl& impl = tensor.impl();
  Operand operand;
  operand.dtype = impl.dtype;
  operand.shape = impl.shape;
  if (impl.is_immediate) {
    operand.immediate = impl.immediate;
    return operand;
  }
  operand.memory = number_of(impl.storage);
  operand.strides = impl.strides;
  operand.offset = impl.offset;
  return operand;
}

// What the step makes and no node writes was written by the host: it holds the same in every run.
void Recorder::hold_if_uploaded(const Tensor& input) {
  const TensorImpl& impl = input.impl();
  if (impl.is_immediate || impl.storage->watcher() != this) return;
  Seen& seen = seen_[impl.storage->number()];
  if (seen.is_written || seen.held) return;
  seen.held = impl.storage;
}

void Recorder::on_launch(DeviceState* device, const TsrKernel* kernel, const OpDef& op,
                         TensorRefs inputs, const Attributes& attributes,
                         absl::Span<const Tensor> outputs) {
  if (graph_.device == nullptr) graph_.device = device;
  if (graph_.device != device) {
    give_up(absl::StrCat("the step computes on ", graph_.device->name, " and on ", device->name));
  }
  Node node;
  node.op = &op;
  node.kernel = kernel;
  node.attributes = attributes;
  node.module = ModuleScope::path();
  for (const Tensor* input : inputs) {
    hold_if_uploaded(*input);
    node.inputs.push_back(operand_of(*input));
  }
  for (const Tensor& output : outputs) {
    node.outputs.push_back(operand_of(output));
    Seen& seen = seen_[node.outputs.back().memory];
    if (seen.made_here && seen.held) {
      give_up(absl::StrCat(op.name, ": writes into a tensor ", output.shape().to_string(),
                           " that the step made of numbers of the host, which a run would find "
                           "written already; clone() it first"));
    }
    seen.is_written = true;
  }
  if (op.random_ints >= 0) {
    const auto at = static_cast<size_t>(op.random_ints);
    for (size_t d = graph_.draws.size(); d-- > 0;) {
      const Generator& start = graph_.draws[d].start;
      if (start.seed == static_cast<uint64_t>(attributes.ints[at]) &&
          start.offset == static_cast<uint64_t>(attributes.ints[at + 1])) {
        node.draw = static_cast<int32_t>(d);
        break;
      }
    }
  }
  graph_.nodes.push_back(std::move(node));
}

void Recorder::on_draw(Generator* generator, const Generator& start, uint64_t blocks) {
  graph_.draws.push_back({generator, start, blocks, works_});
}

void Recorder::on_host_work(std::function<void()> work) {
  Node node;
  node.work = std::move(work);
  ++works_;
  graph_.nodes.push_back(std::move(node));
}

Recorder::Leaf& Recorder::leaf_of(TensorImpl& impl) {
  const auto [place, is_new] = leaf_numbers_.try_emplace(&impl, leaves_.size());
  if (is_new) leaves_.push_back({RefPtr<TensorImpl>::share(&impl)});
  return leaves_[place->second];
}

void Recorder::on_first_gradient(TensorImpl& leaf) { leaf_of(leaf).got_first = true; }
void Recorder::on_gradient_cleared(TensorImpl& leaf) { leaf_of(leaf).was_cleared = true; }

// The gradient from before the step has to be the one that runs find.
void Recorder::on_gradient_added(TensorImpl& impl) {
  const Leaf& leaf = leaf_of(impl);
  if (leaf.was_cleared || leaf.got_first) return;
  const auto get = gradient_access().get;
  const Storage* storage = get(Tensor(leaf.impl)).impl().storage.get();
  on_guard([leaf = leaf.impl, storage, get] {
    const Tensor gradient = get(Tensor(leaf));
    return gradient.defined() && gradient.impl().storage.get() == storage;
  });
}

// A leaf without a gradient that gets one and keeps it has one in the next run, to which that would
// be added.
absl::Status Recorder::check_leaves() {
  for (const Leaf& leaf : leaves_) {
    if (!leaf.got_first || leaf.was_cleared ||
        !gradient_access().get(Tensor(leaf.impl)).defined()) {
      continue;
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "compile: backward() makes the first gradient of a tensor ", leaf.impl->shape.to_string(),
        " that is not cleared in the step, so that the next run would add to it; call "
        "zero_grad() in the step, or once before the first run with gradients that are "
        "set to zero"));
  }
  return absl::OkStatus();
}

absl::Status Recorder::place_memories() {
  for (Seen& seen : seen_) {
    Memory memory;
    memory.bytes = seen.bytes;
    if (seen.input >= 0) {
      memory.place = Place::kInput;
      memory.input = static_cast<uint32_t>(seen.input);
    } else if (seen.storage != nullptr && !seen.held) {
      memory.place = Place::kKept;
      memory.storage = RefPtr<Storage>::share(seen.storage);
      seen.storage->watch(nullptr, 0);
      seen.storage = nullptr;
    } else if (seen.held) {
      memory.place = Place::kOuter;
      if (seen.storage != nullptr) seen.storage->watch(nullptr, 0);
      seen.storage = nullptr;
      if (!seen.made_here && seen.held->use_count() == 1) {
        return absl::FailedPreconditionError(absl::StrCat(
            "compile: a variable that held a tensor of ", seen.bytes,
            " bytes was given another in the step; a run would read the old one. Write into it "
            "(copy_, add_), or change it in each_time()"));
      }
      memory.storage = seen.held;
    }
    graph_.memories.push_back(std::move(memory));
  }
  // A plugin's buffers may be larger than what was asked for.
  std::vector<uint64_t> touched(graph_.memories.size(), 0);
  for (const Node& node : graph_.nodes) {
    for_each_in_memory(node, [&](const Operand& operand, bool) {
      const auto end =
          static_cast<uint64_t>((operand.offset + extent_of(operand)) * itemsize(operand.dtype));
      touched[operand.memory] = std::max(touched[operand.memory], end);
    });
  }
  for (size_t m = 0; m < touched.size(); ++m) graph_.memories[m].bytes = touched[m];
  return absl::OkStatus();
}

// Views of arguments are counted from the argument's first element.
absl::Status Recorder::place_arguments() {
  for (Node& node : graph_.nodes) {
    absl::Status status;
    for_each_in_memory(node, [&](Operand& operand, bool is_output) {
      const Memory& memory = graph_.memories[operand.memory];
      if (memory.place != Place::kInput) return;
      const Tensor& argument = arguments_[memory.input];
      const int64_t size = itemsize(operand.dtype), size_there = itemsize(argument.dtype());
      const int64_t begin = operand.offset * size - argument.storage_offset() * size_there;
      const int64_t end = begin + extent_of(operand) * size;
      if (begin < 0 || begin % size != 0 || end > argument.numel() * size_there) {
        status = absl::FailedPreconditionError(
            absl::StrCat("compile: the step uses memory beside argument ", memory.input,
                         ", which is a view of it; give a clone()"));
      } else if (is_output) {
        status = absl::FailedPreconditionError(absl::StrCat(
            "compile: ", node.op->name, " writes into argument ", memory.input,
            "; return a new tensor, or let the step refer to the tensor instead of taking it"));
      }
      operand.offset = begin / size;
    });
    if (!status.ok()) return status;
  }
  for (Memory& memory : graph_.memories) {
    if (memory.place != Place::kInput) continue;
    const Tensor& argument = arguments_[memory.input];
    memory.bytes = static_cast<uint64_t>(argument.numel() * itemsize(argument.dtype()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Recording> Recorder::finish() {
  dispatch_state().recorder = previous_;
  if (!refused_.ok()) return refused_;
  if (absl::Status status = check_leaves(); !status.ok()) return status;
  if (absl::Status status = place_memories(); !status.ok()) return status;
  if (absl::Status status = place_arguments(); !status.ok()) return status;
  Recording recording;
  recording.graph = std::move(graph_);
  recording.guards = std::move(guards_);
  for (const Leaf& leaf : leaves_) {
    recording.gradients.push_back({leaf.impl, gradient_access().get(Tensor(leaf.impl))});
  }
  return recording;
}

}  // namespace tessera::capture
