// SPDX-License-Identifier: Apache-2.0
//
// Adagrad: rates that shrink with the squares of all gradients so far, as torch.optim.Adagrad.
//
//   optim::Adagrad optimizer(model.parameters(), {.lr = 0.01});
#ifndef TESSERA_OPTIM_ADAGRAD_H_
#define TESSERA_OPTIM_ADAGRAD_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct AdagradOptions {
  double lr = 1e-2;
  double lr_decay = 0;      // of the rate from step to step
  double weight_decay = 0;  // added to the gradient as weight_decay * parameter
  double initial_accumulator_value = 0;
  double eps = 1e-10;
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("lr_decay", o.lr_decay);
    f("weight_decay", o.weight_decay);
    f("initial_accumulator_value", o.initial_accumulator_value);
    f("eps", o.eps);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient plus weight_decay * p (negated if maximize), in a parameter's step t:
//   v = v + d^2,  p = p - lr / (1 + (t - 1) lr_decay) d / (sqrt(v) + eps)
// v starts at initial_accumulator_value. All parameters of a group with as many steps are updated
// by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Duchi et al., 2011
class Adagrad : public GroupedOptimizer<AdagradOptions> {
 public:
  explicit Adagrad(std::vector<Tensor> params, const AdagradOptions& options = {})
      : Adagrad(std::vector<Group>{{std::move(params), options}}) {}
  explicit Adagrad(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_ADAGRAD_H_
