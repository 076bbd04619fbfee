// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/compile.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/log.h"
#include "tessera/tensor/capture/fuse.h"
#include "tessera/tensor/capture/passes.h"
#include "tessera/tensor/capture/program.h"
#include "tessera/tensor/capture/recorder.h"
#include "tessera/tensor/capture/report.h"
#include "tessera/tensor/launch.h"

namespace tessera::capture {
namespace {

// What two calls must have in common to share a recording.
struct Signature {
  struct Input {
    DeviceState* device;
    DType dtype;
    Shape shape;
    bool operator==(const Input&) const = default;
  };
  std::vector<Input> inputs;
  bool grad_mode = true;
  uint64_t epoch = 0;
  bool operator==(const Signature&) const = default;
};

Signature signature_of(absl::Span<const Tensor> inputs) {
  Signature signature;
  signature.grad_mode = dispatch_state().grad_mode;
  signature.epoch = recordings_epoch();
  for (const Tensor& input : inputs) {
    const TensorImpl& impl = input.impl();
    signature.inputs.push_back({impl.storage->device(), impl.dtype, impl.shape});
  }
  return signature;
}

[[noreturn]] void refuse_input(size_t i, std::string_view what) {
  raise(absl::InvalidArgumentError(absl::StrCat("compile: input ", i, " ", what)));
}

std::vector<Tensor> dense_inputs(absl::Span<const Tensor> inputs) {
  std::vector<Tensor> dense;
  dense.reserve(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) refuse_input(i, "is not defined");
    if (inputs[i].impl().is_immediate) refuse_input(i, "is a C++ number; make a tensor of it");
    if (inputs[i].requires_grad()) {
      refuse_input(i, "requires a gradient; let the step refer to it instead of taking it");
    }
    dense.push_back(inputs[i].contiguous());
  }
  return dense;
}

// A result of a recording: of memory that runs write, or of an argument, or a number.
struct Result {
  Tensor recorded;
  int argument = -1;  // then recorded's offset counts from the argument's
  Tensor handed_out;  // the copy that the caller got last
};

}  // namespace

// One recording.
class Recorded {
 public:
  // `arguments` are those that the step was recorded with, and nobody else's.
  Recorded(Signature signature, Recording recording, const std::vector<Tensor>& results,
           std::vector<Tensor> arguments, const CompileOptions& options)
      : signature_(std::move(signature)),
        guards_(std::move(recording.guards)),
        gradients_(std::move(recording.gradients)) {
    Graph& graph = recording.graph;
    data_.recorded_nodes = static_cast<int>(graph.nodes.size());
    data_.eager_peak_bytes = graph.eager_peak;
    separate_versions(graph);
    data_.common = merge_common_nodes(graph);
    data_.constant = fold_constants(graph);
    data_.dead = remove_dead_nodes(graph);
    if (options.fuse && graph.device != nullptr) {
      FuseCounts counts = fuse_conv_pool(graph);
      counts += fuse_elementwise(graph);
      data_.fused_groups = counts.groups;
      data_.fused_nodes = counts.nodes;
    }
    program_ =
        value_or_raise(Program::make(std::move(graph), {.device_graphs = options.device_graphs,
                                                        .time_nodes = options.time_nodes}));
    for (const Tensor& result : results) results_.push_back(as_result(alias(result), arguments));
    // What host work keeps has to be given each run's values.
    for (size_t i = 0; i < arguments.size(); ++i) {
      size_t owners =
          1;  // of the storage: the argument; results of this recording and the caller's
      for (size_t j = 0; j < results.size(); ++j) {
        if (results_[j].argument == static_cast<int>(i)) owners += 2;
      }
      const TensorImpl& impl = arguments[i].impl();
      if (impl.use_count() > 1 || impl.storage->use_count() > owners) {
        kept_arguments_.push_back({i, arguments[i]});
      }
    }
  }

  bool fits(const Signature& signature) const {
    return signature == signature_ &&
           std::all_of(guards_.begin(), guards_.end(), [](const auto& holds) { return holds(); });
  }
  bool is_of_epoch(uint64_t epoch) const { return signature_.epoch == epoch; }

  std::vector<Tensor> run(absl::Span<const Tensor> arguments) {
    {
      NoGradGuard no_grad;
      for (auto& [i, kept] : kept_arguments_) kept.copy_(arguments[i]);
    }
    raise_if_error(program_->run(arguments));
    for (const Recording::Gradient& gradient : gradients_) {
      const Tensor leaf(gradient.leaf);
      const Tensor present = gradient_access().get(leaf);
      const bool same = present.defined() == gradient.gradient.defined() &&
                        (!present.defined() || present.is_same(gradient.gradient));
      if (!same) gradient_access().set(leaf, gradient.gradient);
    }
    return hand_out_all(arguments);
  }

  // The results of the last run, which was given `arguments`.
  std::vector<Tensor> hand_out_all(absl::Span<const Tensor> arguments) {
    std::vector<Tensor> results;
    results.reserve(results_.size());
    for (Result& result : results_) results.push_back(hand_out(result, arguments));
    return results;
  }

  const ReportData& data() {
    data_.nodes = static_cast<int>(program_->graph().nodes.size());
    data_.arena_bytes = program_->plan().arena_bytes;
    data_.constant_bytes = program_->plan().constant_bytes;
    data_.device_graphs = program_->num_device_graphs();
    data_.prepared_nodes = program_->num_prepared_nodes();
    data_.runs = program_->num_runs();
    Cost cost;
    for (const Node& node : program_->graph().nodes) cost += cost_of(node);
    data_.flops = cost.flops;
    data_.bytes = cost.bytes;
    return data_;
  }
  const Program& program() const { return *program_; }
  const Signature& signature() const { return signature_; }

 private:
  static Result as_result(Tensor tensor, absl::Span<const Tensor> arguments) {
    Result result;
    if (!tensor.impl().is_immediate) {
      for (size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].impl().storage == tensor.impl().storage) {
          result.argument = static_cast<int>(i);
          tensor.impl().offset -= arguments[i].impl().offset;
        }
      }
    }
    result.recorded = std::move(tensor);
    return result;
  }

  // Runs write the recorded result anew; the caller's stays.
  static Tensor hand_out(Result& result, absl::Span<const Tensor> arguments) {
    const TensorImpl& recorded = result.recorded.impl();
    if (recorded.is_immediate) return result.recorded;
    if (result.argument >= 0) {
      Tensor view = alias(result.recorded);
      const TensorImpl& argument = arguments[static_cast<size_t>(result.argument)].impl();
      view.impl().storage = argument.storage;
      view.impl().offset += argument.offset;
      return view;
    }
    Tensor& copy = result.handed_out;
    if (!copy.defined() || copy.impl().use_count() != 1 || copy.impl().storage->use_count() != 1) {
      copy = value_or_raise(allocate(recorded.storage->device(), {recorded.dtype, recorded.shape}));
    }
    NoGradGuard no_grad;
    copy.copy_(result.recorded);
    return copy;
  }

  Signature signature_;
  std::vector<std::function<bool()>> guards_;
  std::vector<Recording::Gradient> gradients_;
  std::unique_ptr<Program> program_;
  std::vector<Result> results_;
  std::vector<std::pair<size_t, Tensor>> kept_arguments_;
  ReportData data_;
};

struct CompiledCalls::State {
  CompileOptions options;
  std::vector<std::unique_ptr<Recorded>> recordings;
  bool is_running = false;
  int64_t eager_calls = 0;  // that found no room for another recording
};

namespace {

class Running {
 public:
  explicit Running(bool& flag) : flag_(flag) { flag_ = true; }
  ~Running() { flag_ = false; }

 private:
  bool& flag_;
};

std::vector<Tensor> without_gradients(std::vector<Tensor> results) {
  for (Tensor& result : results) {
    if (result.defined()) result = alias(result);
  }
  return results;
}

}  // namespace

CompiledCalls::CompiledCalls(const CompileOptions& options)
    : state_(new State{.options = options}) {
  if (options.max_recordings < 1) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        "compile: max_recordings is ", options.max_recordings, ", at least 1 is needed")));
  }
}
CompiledCalls::~CompiledCalls() = default;
CompiledCalls::CompiledCalls(CompiledCalls&&) noexcept = default;

std::vector<Tensor> CompiledCalls::call(
    absl::Span<const Tensor> inputs,
    absl::FunctionRef<std::vector<Tensor>(absl::Span<const Tensor>)> function) {
  State& state = *state_;
  if (state.is_running) {
    raise(absl::FailedPreconditionError("compile: the step calls itself"));
  }
  // Inside of another step that is recorded, this one is a part of it.
  if (step_recorder() != nullptr) return function(inputs);
  const Running running(state.is_running);
  const std::vector<Tensor> arguments = dense_inputs(inputs);
  const Signature signature = signature_of(arguments);
  for (const std::unique_ptr<Recorded>& recorded : state.recordings) {
    if (recorded->fits(signature)) return recorded->run(arguments);
  }
  std::erase_if(state.recordings, [&](const std::unique_ptr<Recorded>& recorded) {
    return !recorded->is_of_epoch(signature.epoch);
  });
  if (state.recordings.size() >= static_cast<size_t>(state.options.max_recordings)) {
    if (state.eager_calls++ == 0) {
      log_line(TSR_LOG_WARNING, "compile",
               absl::StrCat("a step was recorded for ", state.recordings.size(),
                            " kinds of inputs, which is CompileOptions::max_recordings; others run "
                            "without a recording"));
    }
    return without_gradients(function(arguments));
  }
  // The recording's own, so that what keeps them does not keep the caller's.
  std::vector<Tensor> own;
  own.reserve(arguments.size());
  for (const Tensor& argument : arguments) own.push_back(argument.clone());
  std::vector<Tensor> results;
  Recording recording;
  {
    Recorder recorder(own);
    results = without_gradients(function(own));
    recording = value_or_raise(recorder.finish());
  }
  // What the step set up on its first run (lazy layers) belongs to no run.
  if (recordings_epoch() != signature.epoch) return results;
  auto recorded = std::make_unique<Recorded>(signature, std::move(recording), results,
                                             std::move(own), state.options);
  state.recordings.push_back(std::move(recorded));
  // The recorded results are written by every run.
  return state.recordings.back()->hand_out_all(arguments);
}

std::vector<ReportData> CompiledCalls::data() const {
  std::vector<ReportData> all;
  for (const auto& recorded : state_->recordings) all.push_back(recorded->data());
  return all;
}

std::string CompiledCalls::report() const {
  std::string text;
  for (const auto& recorded : state_->recordings) {
    std::string inputs;
    for (const Signature::Input& input : recorded->signature().inputs) {
      absl::StrAppend(&inputs, inputs.empty() ? "" : ", ", input.shape.to_string(), " ",
                      dtype_name(input.dtype));
    }
    text += report_text(inputs, recorded->data(), recorded->program());
  }
  if (text.empty()) text = "nothing is recorded yet\n";
  if (state_->eager_calls > 0) {
    absl::StrAppend(&text, state_->eager_calls,
                    " calls ran without a recording: max_recordings is ",
                    state_->options.max_recordings, "\n");
  }
  return text;
}

}  // namespace tessera::capture
