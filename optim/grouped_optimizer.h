// SPDX-License-Identifier: Apache-2.0
//
// GroupedOptimizer: what optimizers with a state of tensors per parameter have in common: groups,
// options by name, saving and loading. An optimizer adds its options and its step:
//
//   struct SGDOptions {
//     double lr = 1e-3;
//     bool nesterov = false;
//     // For saving (optim/option_state.h) and for schedulers.
//     template <class Self, class F>
//     static void visit(Self& o, F&& f) { f("lr", o.lr); f("nesterov", o.nesterov); }
//     // Empty, or what is wrong with the values.
//     std::string problem() const;
//     // The same for a parameter, where not every tensor will do. May be left out.
//     static std::string parameter_problem(const Tensor& parameter);
//   };
#ifndef TESSERA_OPTIM_GROUPED_OPTIMIZER_H_
#define TESSERA_OPTIM_GROUPED_OPTIMIZER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "tessera/optim/optimizer.h"
#include "tessera/optim/option_state.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/tensor.h"

namespace tessera::optim {

template <class Options>
struct ParamGroup {
  std::vector<Tensor> params;
  Options options = {};
};

// What an optimizer keeps for one parameter.
struct ParamState {
  int64_t step = 0;                        // steps that succeeded
  double number = 1;                       // what StateLayout::number names
  absl::InlinedVector<Tensor, 3> tensors;  // say nothing before the first step
};

// One tensor of a ParamState: its name in PyTorch, and its shape for a parameter's (nullptr: the
// same).
struct StateSlot {
  std::string_view name;
  Shape (*shape)(const Shape& parameter) = nullptr;
};

// What an optimizer keeps for each parameter. Names have static storage.
struct StateLayout {
  std::string_view optimizer;  // its name, for messages
  absl::Span<const StateSlot> slots;
  bool has_step = true;          // whether "step" is saved
  std::string_view number = {};  // the name of ParamState::number, if it is used
};

namespace internal {

// Throws kInvalidArgument with the optimizer's name unless every parameter is a floating point leaf
// and none comes twice, and `problem` is empty.
void check_group(std::string_view optimizer, absl::Span<const Tensor> params,
                 std::vector<const TensorImpl*>& seen, const std::string& problem);

// Saves and loads the states: "state.<index>.<slot>", and "state.<index>.step" if layout.has_step.
// Without it, a state that has tensors has made a step.
void save_states(absl::Span<const ParamState> states, const StateLayout& layout, StateDict& out);
absl::Status load_states(const StateDict& dict, absl::Span<const Tensor> params,
                         const StateLayout& layout, std::vector<ParamState>& out, size_t& used);

// A status that lists the dict's names that nobody used, if there are any.
absl::Status check_all_used(std::string_view optimizer, const StateDict& dict, size_t used);

std::string option_name(size_t group, std::string_view option);

// What the states of parameters must share to be updated together.
struct BatchKey {
  int64_t step = 0;
  double number = 0;
  friend bool operator==(const BatchKey&, const BatchKey&) = default;
};

// Parameters that one fused step updates together: of one device and dtype, and equal in `key`.
struct StepBatch {
  std::vector<Tensor> params, grads;
  std::vector<ParamState*> states;
  BatchKey key;
};

// Sorts the parameters that have a gradient into batches; `key` is asked once for each.
std::vector<StepBatch> make_batches(absl::Span<const Tensor> params, absl::Span<ParamState> states,
                                    const std::function<BatchKey(const ParamState&)>& key);

// The tensors of some slots, slot after slot: those of every state of the batch, made full of
// `initial` where they are undefined and moved to their parameter's device and dtype where those
// have changed. The slots have the parameters' shapes.
std::vector<Tensor> slot_tensors(const StepBatch& batch, absl::Span<const size_t> slots,
                                 double initial = 0);

// One such tensor, of any shape.
Tensor& slot_tensor(const Tensor& param, ParamState& state, const StateSlot& layout, size_t slot,
                    double initial = 0);

// The gradients that parameters have when a step is recorded, for its runs: by then they may have
// been dropped.
class StepGradients {
 public:
  explicit StepGradients(std::vector<Tensor> params);
  void call_with(absl::FunctionRef<void()> work) const;

 private:
  std::vector<Tensor> params_, gradients_;
};

// How an optimizer's parameters are batched: by their steps, or all together.
inline BatchKey by_step(const ParamState& state) { return {.step = state.step}; }
inline BatchKey together(const ParamState&) { return {}; }

}  // namespace internal

template <class Options>
class GroupedOptimizer : public Optimizer {
 public:
  using Group = ParamGroup<Options>;

  size_t num_groups() const override { return groups_.size(); }
  const std::vector<Tensor>& parameters(size_t group) const override {
    return groups_[group].params;
  }
  const Options& options(size_t group = 0) const { return groups_[group].options; }
  Options& options(size_t group = 0) { return groups_[group].options; }

  // Adds parameters while training goes on (torch's add_param_group).
  //   errors: throws kInvalidArgument for options out of range, and for a parameter that is no
  //           floating point leaf or is there already
  void add_param_group(Group group) {
    std::vector<const TensorImpl*> seen;
    for (const Group& other : groups_) {
      for (const Tensor& p : other.params) seen.push_back(&p.impl());
    }
    std::string problem = group.options.problem();
    if constexpr (requires(const Tensor& p) { Options::parameter_problem(p); }) {
      for (const Tensor& p : group.params) {
        if (problem.empty() && p.defined()) problem = Options::parameter_problem(p);
      }
    }
    internal::check_group(layout_.optimizer, group.params, seen, problem);
    states_.resize(states_.size() + group.params.size());
    groups_.push_back(std::move(group));
  }

  double* find_option(size_t group, std::string_view name) override {
    double* found = nullptr;
    Options::visit(groups_[group].options, [&](std::string_view option, auto& value) {
      if constexpr (std::is_same_v<decltype(value), double&>) {
        if (option == name) found = &value;
      }
    });
    return found;
  }

  StateDict state_dict() const override {
    StateDict dict;
    internal::save_states(states_, layout_, dict);
    for (size_t g = 0; g < groups_.size(); ++g) {
      Options::visit(groups_[g].options, [&](std::string_view option, const auto& value) {
        internal::save_option(dict, internal::option_name(g, option), value);
      });
    }
    save_initial_lrs(dict);
    return dict;
  }

  absl::Status load_state_dict(const StateDict& dict) override {
    size_t used = 0;
    std::vector<Tensor> params;
    std::vector<Options> options;
    for (size_t g = 0; g < groups_.size(); ++g) {
      params.insert(params.end(), groups_[g].params.begin(), groups_[g].params.end());
      options.push_back(groups_[g].options);
      absl::Status status;
      Options::visit(options.back(), [&](std::string_view option, auto& value) {
        status.Update(internal::load_option(dict, internal::option_name(g, option), value, used));
      });
      if (!status.ok()) return status;
      if (std::string problem = options.back().problem(); !problem.empty()) {
        return absl::InvalidArgumentError(problem);
      }
    }
    std::vector<ParamState> states;
    absl::Status status = internal::load_states(dict, params, layout_, states, used);
    std::vector<std::optional<double>> initial_lrs;
    status.Update(load_initial_lrs(dict, initial_lrs, used));
    status.Update(internal::check_all_used(layout_.optimizer, dict, used));
    if (!status.ok()) return status;
    set_initial_lrs(std::move(initial_lrs));
    states_ = std::move(states);
    for (size_t g = 0; g < groups_.size(); ++g) groups_[g].options = options[g];
    return absl::OkStatus();
  }

 protected:
  GroupedOptimizer(const StateLayout& layout, std::vector<Group> groups) : layout_(layout) {
    for (Group& group : groups) add_param_group(std::move(group));
  }

  // The states of the parameters of each group, beside them.
  template <class F>
  void for_each_group(F&& f) {
    size_t at = 0;
    for (Group& group : groups_) {
      const size_t n = group.params.size();
      f(group, absl::MakeSpan(states_).subspan(at, n));
      at += n;
    }
  }

  // One step: f(options, batch) for the batches of every group, without recording gradients; then
  // counts the step.
  template <class Key, class F>
  void step_batches(const Key& key, F f) {
    step_each_time([this, key, f] { run_batches(key, f); });
  }

  // Does `step`, in every run of a compiled step, too: steps are counted and options read. Its
  // gradients stay where they are.
  template <class Step>
  void step_each_time(Step step) {
    if (step_recorder() == nullptr) return step();
    std::vector<Tensor> params;
    for (const Group& group : groups_) {
      params.insert(params.end(), group.params.begin(), group.params.end());
    }
    each_time([step, gradients = internal::StepGradients(std::move(params))] {
      gradients.call_with(step);
    });
  }

  StateLayout layout_;
  std::vector<Group> groups_;
  std::vector<ParamState> states_;  // of every parameter, group after group

 private:
  template <class Key, class F>
  void run_batches(const Key& key, const F& f) {
    NoGradGuard no_grad;
    for_each_group([&](Group& group, absl::Span<ParamState> states) {
      for (const internal::StepBatch& batch : internal::make_batches(group.params, states, key)) {
        f(std::as_const(group.options), batch);
        for (ParamState* state : batch.states) ++state->step;
      }
    });
  }
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_GROUPED_OPTIMIZER_H_
