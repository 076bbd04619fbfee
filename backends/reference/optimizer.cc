// SPDX-License-Identifier: Apache-2.0
//
// Outputs are the tensors that a step updates, in the order of the inputs. Everything is read
// before it is written.
#include <algorithm>
#include <cmath>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

double value(const View& x, const Index& i) { return x.get<Real>(i).value; }

// ints: n, has_momentum, nesterov, maximize, first; doubles: lr, momentum, dampening, weight_decay
Result sgd_step(const Call& call) {
  const int n = static_cast<int>(call.integer(0));
  const bool has_momentum = call.integer(1) != 0, nesterov = call.integer(2) != 0;
  const bool maximize = call.integer(3) != 0, first = call.integer(4) != 0;
  const double lr = call.real(0), momentum = call.real(1), dampening = call.real(2);
  const double weight_decay = call.real(3);
  if (call.n_inputs() != (has_momentum ? 3 : 2) * n ||
      call.n_outputs() != (has_momentum ? 2 : 1) * n) {
    return {TSR_INVALID_ARGUMENT, "sgd_step: number of tensors"};
  }
  for (int k = 0; k < n; ++k) {
    View p = call.in(k), g = call.in(n + k), p_out = call.out(k);
    for_each_index(p.shape(), [&](const Index& i) {
      double step = (maximize ? -value(g, i) : value(g, i)) + weight_decay * value(p, i);
      if (has_momentum) {
        const double old = value(call.in(2 * n + k), i);
        const double m = first ? step : momentum * old + (1 - dampening) * step;
        call.out(n + k).set(i, Real(m));
        step = nesterov ? step + momentum * m : m;
      }
      p_out.set(i, Real(value(p, i) - lr * step));
    });
  }
  return {};
}

// ints: n, amsgrad, decoupled, maximize, step; doubles: lr, beta1, beta2, eps, weight_decay
Result adam_step(const Call& call) {
  const int n = static_cast<int>(call.integer(0));
  const bool amsgrad = call.integer(1) != 0, decoupled = call.integer(2) != 0;
  const bool maximize = call.integer(3) != 0;
  const double step = static_cast<double>(call.integer(4));
  const double lr = call.real(0), beta1 = call.real(1), beta2 = call.real(2), eps = call.real(3);
  const double weight_decay = call.real(4);
  if (call.n_inputs() != (amsgrad ? 5 : 4) * n || call.n_outputs() != (amsgrad ? 4 : 3) * n) {
    return {TSR_INVALID_ARGUMENT, "adam_step: number of tensors"};
  }
  const double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
  for (int k = 0; k < n; ++k) {
    View p = call.in(k), g = call.in(n + k), m = call.in(2 * n + k), v = call.in(3 * n + k);
    for_each_index(p.shape(), [&](const Index& i) {
      double weight = value(p, i), gradient = maximize ? -value(g, i) : value(g, i);
      if (decoupled) {
        weight *= 1 - lr * weight_decay;
      } else {
        gradient += weight_decay * weight;
      }
      const double mean = beta1 * value(m, i) + (1 - beta1) * gradient;
      const double square = beta2 * value(v, i) + (1 - beta2) * gradient * gradient;
      call.out(n + k).set(i, Real(mean));
      call.out(2 * n + k).set(i, Real(square));
      double scale = square;
      if (amsgrad) {
        scale = std::max(value(call.in(4 * n + k), i), square);
        call.out(3 * n + k).set(i, Real(scale));
      }
      call.out(k).set(
          i, Real(weight - lr * (mean / correction1) / (std::sqrt(scale / correction2) + eps)));
    });
  }
  return {};
}

}  // namespace

Kernels optimizer_kernels() {
  return {{"sgd_step", sgd_step, 2, kAny, kAny, 5, 4},
          {"adam_step", adam_step, 4, kAny, kAny, 5, 5}};
}

}  // namespace tessera::reference
