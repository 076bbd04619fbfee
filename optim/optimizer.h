// SPDX-License-Identifier: Apache-2.0
//
// Optimizer: what changes parameters by their gradients, as torch.optim.
//
//   optim::Adam optimizer(model.parameters(), {.lr = 1e-3});
//   for (const auto& [x, y] : loader) {
//     optimizer.zero_grad();
//     loss_fn(model(x), y).backward();
//     optimizer.step();
//   }
//
// Groups of parameters with options of their own:
//
//   optim::SGD optimizer({{.params = body.parameters(), .options = {.lr = 1e-4}},
//                         {.params = head.parameters(), .options = {.lr = 1e-2, .momentum =
//                         0.9}}});
#ifndef TESSERA_OPTIM_OPTIMIZER_H_
#define TESSERA_OPTIM_OPTIMIZER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/tensor.h"

namespace tessera::optim {

using nn::StateDict;

// Clears gradients, runs the model and the loss, calls backward(), returns the loss.
using Closure = std::function<Tensor()>;

// Holds handles of the parameters: they may be moved to other devices and loaded anew meanwhile. An
// optimizer's own state moves to its parameter's device at the next step. One thread at a time.
class Optimizer {
 public:
  Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  // Changes every parameter that has a gradient; the others, and their state, stay.
  virtual void step() = 0;
  // Calls `closure` once, then step(); returns what it returned. L-BFGS calls it as often as it
  // needs.
  virtual Tensor step(const Closure& closure);

  // Drops the gradients of all parameters, or sets those that are there to zero.
  void zero_grad(bool set_to_none = true);

  virtual size_t num_groups() const = 0;
  virtual const std::vector<Tensor>& parameters(size_t group) const = 0;
  // A number among the options of a group by its name in PyTorch ("lr", "momentum"); nullptr if
  // there is none. What learning rate schedulers change. The group must exist.
  virtual double* find_option(size_t group, std::string_view name) = 0;
  //   errors: throw kOutOfRange for a group that is not there
  double lr(size_t group = 0) const;
  void set_lr(double lr, size_t group = 0);

  // The rate that schedules start from (PyTorch's "initial_lr"): the present one when it is asked
  // for first, which is when the first schedule is made. Saved with the options.
  //   errors: throws kOutOfRange for a group that is not there
  double initial_lr(size_t group = 0);
  bool has_initial_lr(size_t group = 0) const;  // whether it was asked for, set or loaded
  void set_initial_lr(double lr, size_t group = 0);

  // State and options as tensors under PyTorch's names, counted through all groups:
  // "state.0.exp_avg", "param_groups.0.lr" (float64). Shares memory with the optimizer.
  virtual StateDict state_dict() const = 0;
  // Takes over the state and options of an optimizer of the same type and group sizes: all or, on
  // an error, nothing.
  //   errors: kInvalidArgument with the names that are missing, unexpected, or of another shape
  virtual absl::Status load_state_dict(const StateDict& state) = 0;

 protected:
  // For the two above. An entry of a dict counts as used.
  void save_initial_lrs(StateDict& dict) const;
  absl::Status load_initial_lrs(const StateDict& dict, std::vector<std::optional<double>>& out,
                                size_t& used) const;
  void set_initial_lrs(std::vector<std::optional<double>> rates) {
    initial_lrs_ = std::move(rates);
  }

 private:
  std::vector<std::optional<double>> initial_lrs_;  // by group; may be shorter
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_OPTIMIZER_H_
