// SPDX-License-Identifier: Apache-2.0
//
// GroupedOptimizer: what optimizers with a state of tensors per parameter have in common: groups,
// options by name, saving and loading. An optimizer adds its options and its step:
//
//   struct SGDOptions {
//     double lr = 1e-3;
//     bool nesterov = false;
//     // Calls f(name, member) for each option, for saving and for schedulers.
//     template <class Self, class F>
//     static void visit(Self& o, F&& f) { f("lr", o.lr); f("nesterov", o.nesterov); }
//     // Empty, or what is wrong with the values.
//     std::string problem() const;
//   };
#ifndef TESSERA_OPTIM_GROUPED_OPTIMIZER_H_
#define TESSERA_OPTIM_GROUPED_OPTIMIZER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "tessera/optim/optimizer.h"
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
  absl::InlinedVector<Tensor, 3> tensors;  // say nothing before the first step
};

namespace internal {

// Throws kInvalidArgument with the optimizer's name unless every parameter is a floating point leaf
// and none comes twice, and `problem` is empty.
void check_group(std::string_view optimizer, absl::Span<const Tensor> params,
                 std::vector<const TensorImpl*>& seen, const std::string& problem);

// Saves and loads the states: "state.<index>.<slot>", and "state.<index>.step" if `has_step`.
// Without it, a state that has tensors has made a step.
void save_states(absl::Span<const ParamState> states, absl::Span<const std::string_view> slots,
                 bool has_step, StateDict& out);
absl::Status load_states(const StateDict& dict, absl::Span<const Tensor> params,
                         absl::Span<const std::string_view> slots, bool has_step,
                         std::vector<ParamState>& out, size_t& used);

// One option as a tensor of rank 0, and back.
Tensor option_tensor(double value);
Tensor option_tensor(int64_t value);
Tensor option_tensor(bool value);
absl::Status load_option(const StateDict& dict, const std::string& name, double& out, size_t& used);
absl::Status load_option(const StateDict& dict, const std::string& name, int64_t& out,
                         size_t& used);
absl::Status load_option(const StateDict& dict, const std::string& name, bool& out, size_t& used);

// A status that lists the dict's names that nobody used, if there are any.
absl::Status check_all_used(std::string_view optimizer, const StateDict& dict, size_t used);

std::string option_name(size_t group, std::string_view option);

// Parameters that one fused step updates together: of one device and dtype, and equal in `key`.
struct StepBatch {
  std::vector<Tensor> params, grads;
  std::vector<ParamState*> states;
  int64_t key = 0;
};

// Sorts the parameters that have a gradient into batches; `key` is asked once for each.
std::vector<StepBatch> make_batches(absl::Span<const Tensor> params, absl::Span<ParamState> states,
                                    const std::function<int64_t(const ParamState&)>& key);

// Slot `slot` of every state, made of zeros where it is undefined and moved to its parameter's
// device and dtype where those have changed.
std::vector<Tensor> slot_tensors(const StepBatch& batch, size_t slot);

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
    internal::check_group(name_, group.params, seen, group.options.problem());
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
    internal::save_states(states_, slots_, has_step_, dict);
    for (size_t g = 0; g < groups_.size(); ++g) {
      Options::visit(groups_[g].options, [&](std::string_view option, const auto& value) {
        dict.set(internal::option_name(g, option), internal::option_tensor(value));
      });
    }
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
    absl::Status status = internal::load_states(dict, params, slots_, has_step_, states, used);
    status.Update(internal::check_all_used(name_, dict, used));
    if (!status.ok()) return status;
    states_ = std::move(states);
    for (size_t g = 0; g < groups_.size(); ++g) groups_[g].options = options[g];
    return absl::OkStatus();
  }

 protected:
  // `slots` names the tensors of a parameter's state as PyTorch does; static storage, as `name`.
  GroupedOptimizer(std::string_view name, absl::Span<const std::string_view> slots, bool has_step,
                   std::vector<Group> groups)
      : name_(name), slots_(slots), has_step_(has_step) {
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

  std::string_view name_;
  std::vector<Group> groups_;
  std::vector<ParamState> states_;  // of every parameter, group after group

 private:
  absl::Span<const std::string_view> slots_;
  bool has_step_;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_GROUPED_OPTIMIZER_H_
