// SPDX-License-Identifier: Apache-2.0
//
// RMSprop: gradients divided by their root mean square, as torch.optim.RMSprop.
//
//   optim::RMSprop optimizer(model.parameters(), {.lr = 1e-3, .momentum = 0.9, .centered = true});
#ifndef TESSERA_OPTIM_RMSPROP_H_
#define TESSERA_OPTIM_RMSPROP_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct RMSpropOptions {
  double lr = 1e-2;
  double alpha = 0.99;  // how much of the mean square stays in a step
  double eps = 1e-8;
  double weight_decay = 0;  // added to the gradient as weight_decay * parameter
  double momentum = 0;
  bool centered = false;  // divides by the standard deviation
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("alpha", o.alpha);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("momentum", o.momentum);
    f("centered", o.centered);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient plus weight_decay * p (negated if maximize):
//   v = alpha v + (1 - alpha) d^2
//   u = v, or (centered) a = alpha a + (1 - alpha) d,  u = v - a^2
//   d = d / (sqrt(u) + eps), or (momentum) b = momentum b + d / (sqrt(u) + eps),  d = b
//   p = p - lr d
// All parameters of a group are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Tieleman and Hinton, 2012; centered: Graves, 2013
class RMSprop : public GroupedOptimizer<RMSpropOptions> {
 public:
  explicit RMSprop(std::vector<Tensor> params, const RMSpropOptions& options = {})
      : RMSprop(std::vector<Group>{{std::move(params), options}}) {}
  explicit RMSprop(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_RMSPROP_H_
