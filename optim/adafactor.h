// SPDX-License-Identifier: Apache-2.0
//
// Adafactor: second moments kept as one row and one column per matrix, as torch.optim.Adafactor.
//
//   optim::Adafactor optimizer(model.parameters(), {.lr = 1e-2});
#ifndef TESSERA_OPTIM_ADAFACTOR_H_
#define TESSERA_OPTIM_ADAFACTOR_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

struct AdafactorOptions {
  double lr = 1e-2;           // the largest step, relative to the size of the parameter
  double beta2_decay = -0.8;  // not above 0
  // Bounds from below: of the second moment's root (not set: the dtype's epsilon), and of the
  // parameter's root mean square.
  std::pair<std::optional<double>, double> eps = {std::nullopt, 1e-3};
  double d = 1;             // the largest root mean square of an update, at least 1
  double weight_decay = 0;  // shrinks the parameter by lr * weight_decay
  bool maximize = false;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("beta2_decay", o.beta2_decay);
    f("eps.0", o.eps.first);
    f("eps.1", o.eps.second);
    f("d", o.d);
    f("weight_decay", o.weight_decay);
    f("maximize", o.maximize);
  }
  std::string problem() const;
};

// With g the gradient (negated if maximize), rms(x) = |x| / sqrt(numel) and e = eps.0, in a
// parameter's step t:
//   a = max(eps.1, rms(p)) min(lr, 1 / sqrt(t)),  p = p (1 - lr weight_decay)
//   R = R + t^beta2_decay (mean of g^2 over the last dim - R)
//   C = C + t^beta2_decay (mean of g^2 over the dim before - C)
//   V = R C / max(mean of R, e)              (matrix by matrix)
//   V = V + t^beta2_decay (g^2 - V)          (instead, for parameters of rank 0 and 1)
//   u = g / sqrt(max(V, e^2)),  p = p - a u / max(1, rms(u) / d)
// R and C are "row_var" and "col_var", the V of ranks 0 and 1 is "variance". One parameter after
// another, as a composition of ops; nothing waits for the device.
//   errors: throws kInvalidArgument for options out of range
//   source: Shazeer and Stern, 2018, without momentum, as PyTorch has it
class Adafactor : public GroupedOptimizer<AdafactorOptions> {
 public:
  explicit Adafactor(std::vector<Tensor> params, const AdafactorOptions& options = {})
      : Adafactor(std::vector<Group>{{std::move(params), options}}) {}
  explicit Adafactor(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_ADAFACTOR_H_
