// SPDX-License-Identifier: Apache-2.0
//
// SGD: gradient descent with momentum, as torch.optim.SGD.
//
//   optim::SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9, .nesterov = true});
#ifndef TESSERA_OPTIM_SGD_H_
#define TESSERA_OPTIM_SGD_H_

#include <string>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;  // added to the gradient as weight_decay * parameter
  bool nesterov = false;    // wants momentum > 0 and dampening 0
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("momentum", o.momentum);
    f("dampening", o.dampening);
    f("weight_decay", o.weight_decay);
    f("nesterov", o.nesterov);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With d the gradient plus weight_decay * p (negated if maximize):
//   m = momentum m + (1 - dampening) d   (m = d in the first step)
//   p = p - lr (nesterov ? d + momentum m : m)
// All parameters of a group are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Sutskever et al., 2013, as PyTorch writes it (lr outside of the momentum)
class SGD : public GroupedOptimizer<SGDOptions> {
 public:
  explicit SGD(std::vector<Tensor> params, const SGDOptions& options = {})
      : SGD(std::vector<Group>{{std::move(params), options}}) {}
  explicit SGD(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;

 private:
  void step_groups();
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_SGD_H_
