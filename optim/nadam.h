// SPDX-License-Identifier: Apache-2.0
//
// NAdam: Adam with Nesterov momentum, as torch.optim.NAdam.
//
//   optim::NAdam optimizer(model.parameters(), {.lr = 2e-3});
#ifndef TESSERA_OPTIM_NADAM_H_
#define TESSERA_OPTIM_NADAM_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct NAdamOptions {
  double lr = 2e-3;
  std::pair<double, double> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum_decay = 4e-3;
  // Shrinks the parameter by lr * weight_decay (AdamW), instead of adding weight_decay * parameter
  // to the gradient.
  bool decoupled_weight_decay = false;
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("momentum_decay", o.momentum_decay);
    f("decoupled_weight_decay", o.decoupled_weight_decay);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient (negated if maximize) and mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2), in
// a parameter's step t:
//   m = beta1 m + (1 - beta1) d,  v = beta2 v + (1 - beta2) d^2,  M_t = M_(t-1) mu_t
//   p = p - lr ((1 - mu_t) / (1 - M_t) d + mu_(t+1) / (1 - M_t mu_(t+1)) m)
//           / (sqrt(v / (1 - beta2^t)) + eps)
// M ("mu_product") is kept in float32, as PyTorch keeps it. All parameters of a group with as many
// steps are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Dozat, Incorporating Nesterov Momentum into Adam, 2016
class NAdam : public GroupedOptimizer<NAdamOptions> {
 public:
  explicit NAdam(std::vector<Tensor> params, const NAdamOptions& options = {})
      : NAdam(std::vector<Group>{{std::move(params), options}}) {}
  explicit NAdam(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_NADAM_H_
