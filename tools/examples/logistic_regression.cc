// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/logistic_regression.h"

#include <limits>

#include "tessera/nn/loss.h"
#include "tessera/optim/lbfgs.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::examples {

nn::Linear fit_logistic_regression(const Tensor& x, const Tensor& y, int64_t classes,
                                   const LogisticRegressionOptions& options) {
  nn::Linear model(x.size(1), classes, {.dtype = x.dtype(), .device = x.device()});
  {
    NoGradGuard no_grad;
    model.weight.zero_();
    model.bias.zero_();
  }
  // SciPy's L-BFGS-B, which scikit-learn calls: 10 pairs, as many evaluations as it takes, and an
  // end where the loss stands still.
  optim::LBFGS optimizer(model.parameters(),
                         {.max_iter = options.max_iter,
                          .max_eval = 20 * options.max_iter,
                          .tolerance_grad = options.tol,
                          .tolerance_change = 64 * std::numeric_limits<double>::epsilon(),
                          .history_size = 10,
                          .line_search_fn = optim::kStrongWolfe});
  nn::CrossEntropyLoss criterion;
  const double penalty = 0.5 / (options.C * static_cast<double>(x.size(0)));
  optimizer.step([&] {
    optimizer.zero_grad();
    Tensor loss = criterion(model(x), y) + model.weight.square().sum() * penalty;
    loss.backward();
    return loss;
  });
  return model;
}

}  // namespace tessera::examples
