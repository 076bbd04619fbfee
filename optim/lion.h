// SPDX-License-Identifier: Apache-2.0
//
// Lion: steps of one size in the direction of a momentum's sign.
//
//   optim::Lion optimizer(model.parameters(), {.lr = 1e-4, .weight_decay = 0.1});
#ifndef TESSERA_OPTIM_LION_H_
#define TESSERA_OPTIM_LION_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct LionOptions {
  double lr = 1e-4;  // some 3 to 10 times smaller than AdamW's
  std::pair<double, double> betas = {0.9, 0.99};
  double weight_decay = 0;  // shrinks the parameter by lr * weight_decay
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("weight_decay", o.weight_decay);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient (negated if maximize):
//   p = p (1 - lr weight_decay) - lr sign(beta1 m + (1 - beta1) d),  m = beta2 m + (1 - beta2) d
// All parameters of a group are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Chen et al., Symbolic Discovery of Optimization Algorithms, 2023, algorithm 2. PyTorch
//           has no Lion; the defaults are the paper's and the state is named as Adam's
class Lion : public GroupedOptimizer<LionOptions> {
 public:
  explicit Lion(std::vector<Tensor> params, const LionOptions& options = {})
      : Lion(std::vector<Group>{{std::move(params), options}}) {}
  explicit Lion(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_LION_H_
