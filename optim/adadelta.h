// SPDX-License-Identifier: Apache-2.0
//
// Adadelta: steps in the unit of the parameters, as torch.optim.Adadelta.
//
//   optim::Adadelta optimizer(model.parameters());
#ifndef TESSERA_OPTIM_ADADELTA_H_
#define TESSERA_OPTIM_ADADELTA_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct AdadeltaOptions {
  double lr = 1;
  double rho = 0.9;  // how much of the mean squares stays in a step
  double eps = 1e-6;
  double weight_decay = 0;  // added to the gradient as weight_decay * parameter
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("rho", o.rho);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient plus weight_decay * p (negated if maximize):
//   v = rho v + (1 - rho) d^2,  x = sqrt(u + eps) / sqrt(v + eps) d,  u = rho u + (1 - rho) x^2
//   p = p - lr x
// All parameters of a group are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Zeiler, 2012
class Adadelta : public GroupedOptimizer<AdadeltaOptions> {
 public:
  explicit Adadelta(std::vector<Tensor> params, const AdadeltaOptions& options = {})
      : Adadelta(std::vector<Group>{{std::move(params), options}}) {}
  explicit Adadelta(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_ADADELTA_H_
