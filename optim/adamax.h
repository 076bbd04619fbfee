// SPDX-License-Identifier: Apache-2.0
//
// Adamax: Adam by the largest gradient, as torch.optim.Adamax.
//
//   optim::Adamax optimizer(model.parameters(), {.lr = 2e-3});
#ifndef TESSERA_OPTIM_ADAMAX_H_
#define TESSERA_OPTIM_ADAMAX_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct AdamaxOptions {
  double lr = 2e-3;
  std::pair<double, double> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;  // added to the gradient as weight_decay * parameter
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient plus weight_decay * p (negated if maximize), in a parameter's step t:
//   m = beta1 m + (1 - beta1) d,  u = max(beta2 u, |d| + eps)
//   p = p - lr / (1 - beta1^t) m / u
// All parameters of a group with as many steps are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Kingma and Ba, 2015, section 7.1; eps within the maximum as in PyTorch
class Adamax : public GroupedOptimizer<AdamaxOptions> {
 public:
  explicit Adamax(std::vector<Tensor> params, const AdamaxOptions& options = {})
      : Adamax(std::vector<Group>{{std::move(params), options}}) {}
  explicit Adamax(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_ADAMAX_H_
