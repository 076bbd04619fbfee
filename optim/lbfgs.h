// SPDX-License-Identifier: Apache-2.0
//
// LBFGS: the limited-memory BFGS method, as torch.optim.LBFGS.
//
//   optim::LBFGS optimizer(model.parameters(), {.line_search_fn = optim::kStrongWolfe});
//   optimizer.step([&] {
//     optimizer.zero_grad();
//     Tensor loss = loss_fn(model(x), y);
//     loss.backward();
//     return loss;
//   });
#ifndef TESSERA_OPTIM_LBFGS_H_
#define TESSERA_OPTIM_LBFGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tessera/optim/lbfgs_history.h"
#include "tessera/optim/line_search.h"
#include "tessera/optim/optimizer.h"

namespace tessera::optim {

enum class LineSearchFn { kNone, kStrongWolfe };
inline constexpr LineSearchFn kStrongWolfe = LineSearchFn::kStrongWolfe;

struct LBFGSOptions {
  double lr = 1;
  int64_t max_iter = 20;                 // iterations of one step()
  std::optional<int64_t> max_eval = {};  // calls of the closure in one step(); max_iter * 5 / 4
  double tolerance_grad = 1e-7;          // on the gradient's largest element
  double tolerance_change = 1e-9;        // on the change of loss and of any parameter
  int64_t history_size = 100;            // pairs of vectors as long as all parameters together
  LineSearchFn line_search_fn = LineSearchFn::kNone;
};

// Minimises a function whose closure gives the same value for the same parameters (the whole data
// set, no dropout). One group; all parameters of one dtype on one device.
//   errors: throws kInvalidArgument for options out of range, parameters that are no floating point
//           leaves or differ in dtype or device; kFailedPrecondition from step() without a closure
//   source: Nocedal and Wright, Numerical Optimization, chapter 7.2, with the step rules and the
//           conditions for stopping of minFunc (M. Schmidt), as PyTorch has them
class LBFGS : public Optimizer {
 public:
  explicit LBFGS(std::vector<Tensor> params, const LBFGSOptions& options = {});

  void step() override;
  // Up to max_iter iterations. Returns the loss before the first.
  Tensor step(const Closure& closure) override;

  // Iterations and calls of the closure in all steps so far.
  int64_t iterations() const { return iterations_; }
  int64_t evaluations() const { return evaluations_; }

  size_t num_groups() const override { return 1; }
  const std::vector<Tensor>& parameters(size_t /*group*/ = 0) const override { return params_; }
  double* find_option(size_t group, std::string_view name) override;
  StateDict state_dict() const override;
  absl::Status load_state_dict(const StateDict& state) override;

 private:
  Tensor flat_parameters() const;
  Tensor flat_gradient() const;
  void set_parameters(const Tensor& flat);
  // Puts the parameters at `origin` + t direction_ and calls the closure.
  LinePoint evaluate(const Closure& closure, const Tensor& origin, double t);

  std::vector<Tensor> params_;
  LBFGSOptions options_;
  int64_t numel_ = 0;

  // From one step() to the next.
  int64_t iterations_ = 0, evaluations_ = 0;
  LbfgsHistory history_;
  Tensor direction_, previous_gradient_;  // undefined before the first iteration
  double t_ = 0, previous_loss_ = 0;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_LBFGS_H_
