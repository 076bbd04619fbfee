// SPDX-License-Identifier: Apache-2.0
//
// RAdam: Adam whose adaptive rate sets in once its variance is known, as torch.optim.RAdam.
//
//   optim::RAdam optimizer(model.parameters(), {.lr = 1e-3});
#ifndef TESSERA_OPTIM_RADAM_H_
#define TESSERA_OPTIM_RADAM_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct RAdamOptions {
  double lr = 1e-3;
  std::pair<double, double> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
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
    f("decoupled_weight_decay", o.decoupled_weight_decay);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient (negated if maximize), in a parameter's step t:
//   m = beta1 m + (1 - beta1) d,  v = beta2 v + (1 - beta2) d^2
//   rho = 2 / (1 - beta2) - 1,  rho_t = rho - 2 t beta2^t / (1 - beta2^t)
//   r = sqrt((rho_t - 4) (rho_t - 2) rho / ((rho - 4) (rho - 2) rho_t))
//   p = p - lr / (1 - beta1^t) m r sqrt(1 - beta2^t) / (sqrt(v) + eps)   if rho_t > 5
//   p = p - lr / (1 - beta1^t) m                                         otherwise
// All parameters of a group with as many steps are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020
class RAdam : public GroupedOptimizer<RAdamOptions> {
 public:
  explicit RAdam(std::vector<Tensor> params, const RAdamOptions& options = {})
      : RAdam(std::vector<Group>{{std::move(params), options}}) {}
  explicit RAdam(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_RADAM_H_
