// SPDX-License-Identifier: Apache-2.0
//
// Adam and AdamW, as torch.optim.Adam and torch.optim.AdamW.
//
//   optim::Adam optimizer(model.parameters(), {.lr = 1e-3});
//   optim::AdamW decayed(model.parameters(), {.lr = 3e-4, .weight_decay = 0.1});
#ifndef TESSERA_OPTIM_ADAM_H_
#define TESSERA_OPTIM_ADAM_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

template <bool kDecoupled>
struct AdamOptionsOf {
  double lr = 1e-3;
  std::pair<double, double> betas = {0.9, 0.999};
  double eps = 1e-8;
  // Adam adds weight_decay * parameter to the gradient; AdamW shrinks the parameter by
  // lr * weight_decay instead.
  double weight_decay = kDecoupled ? 1e-2 : 0;
  bool amsgrad = false;  // divides by the largest second moment so far (Reddi et al., 2018)
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("betas.0", o.betas.first);
    f("betas.1", o.betas.second);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("amsgrad", o.amsgrad);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};
using AdamOptions = AdamOptionsOf<false>;
using AdamWOptions = AdamOptionsOf<true>;

// In step t, with d the gradient (negated if maximize):
//   m = beta1 m + (1 - beta1) d,  v = beta2 v + (1 - beta2) d^2
//   p = p - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)
// t counts a parameter's own steps. All parameters of a group are updated by one op.
//   errors: throws kInvalidArgument for options out of range
//   source: Kingma and Ba, 2015; AdamW: Loshchilov and Hutter, 2019
template <bool kDecoupled>
class AdamOf : public GroupedOptimizer<AdamOptionsOf<kDecoupled>> {
 public:
  using Options = AdamOptionsOf<kDecoupled>;
  using Group = ParamGroup<Options>;

  explicit AdamOf(std::vector<Tensor> params, const Options& options = {})
      : AdamOf(std::vector<Group>{{std::move(params), options}}) {}
  explicit AdamOf(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};
using Adam = AdamOf<false>;
using AdamW = AdamOf<true>;

extern template class AdamOf<false>;
extern template class AdamOf<true>;

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_ADAM_H_
