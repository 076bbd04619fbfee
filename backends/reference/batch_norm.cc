// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

double value(const View& x, const Index& i) { return x.get<Real>(i).value; }

// x (N, C, S..), [weight], [bias] -> y, mean (C), var (C); ints: has_weight, has_bias
Result batch_norm(const Call& call) {
  View x = call.in(0), y = call.out(0);
  const bool has_weight = call.integer(0) != 0, has_bias = call.integer(1) != 0;
  if (call.n_inputs() != 1 + has_weight + has_bias) {
    return {TSR_INVALID_ARGUMENT, "batch_norm: number of inputs"};
  }
  const int64_t channels = x.size(1);
  const double n = static_cast<double>(x.numel()) / static_cast<double>(channels);
  std::vector<double> mean(channels), var(channels);
  for_each_index(x.shape(), [&](const Index& i) { mean[i[1]] += value(x, i); });
  for (double& m : mean) m /= n;
  for_each_index(x.shape(),
                 [&](const Index& i) { var[i[1]] += std::pow(value(x, i) - mean[i[1]], 2); });
  for (double& v : var) v /= n;
  for_each_index(x.shape(), [&](const Index& i) {
    const int64_t c = i[1];
    const double weight = has_weight ? value(call.in(1), {c}) : 1;
    const double bias = has_bias ? value(call.in(1 + has_weight), {c}) : 0;
    y.set(i, Real((value(x, i) - mean[c]) / std::sqrt(var[c] + call.real(0)) * weight + bias));
  });
  for (int64_t c = 0; c < channels; ++c) {
    call.out(1).set({c}, Real(mean[c]));
    call.out(2).set({c}, Real(var[c]));
  }
  return {};
}

// g, x, [weight], mean, var -> gx, [gweight, gbias]; ints: has_weight, affine
Result batch_norm_backward(const Call& call) {
  View g = call.in(0), x = call.in(1), gx = call.out(0);
  const bool has_weight = call.integer(0) != 0, affine = call.integer(1) != 0;
  if (call.n_inputs() != 4 + has_weight || call.n_outputs() != (affine ? 3 : 1)) {
    return {TSR_INVALID_ARGUMENT, "batch_norm_backward: number of inputs or outputs"};
  }
  View mean = call.in(2 + has_weight), var = call.in(3 + has_weight);
  const int64_t channels = x.size(1);
  const double n = static_cast<double>(x.numel()) / static_cast<double>(channels);
  auto rstd = [&](int64_t c) { return 1 / std::sqrt(value(var, {c}) + call.real(0)); };
  auto xhat = [&](const Index& i) { return (value(x, i) - value(mean, {i[1]})) * rstd(i[1]); };
  std::vector<double> sum(channels), products(channels);
  for_each_index(x.shape(), [&](const Index& i) {
    sum[i[1]] += value(g, i);
    products[i[1]] += value(g, i) * xhat(i);
  });
  for_each_index(x.shape(), [&](const Index& i) {
    const int64_t c = i[1];
    const double scale = rstd(c) * (has_weight ? value(call.in(2), {c}) : 1);
    gx.set(i, Real(scale * (value(g, i) - sum[c] / n - xhat(i) * products[c] / n)));
  });
  for (int64_t c = 0; affine && c < channels; ++c) {
    call.out(1).set({c}, Real(products[c]));
    call.out(2).set({c}, Real(sum[c]));
  }
  return {};
}

}  // namespace

Kernels batch_norm_kernels() {
  return {{"batch_norm", batch_norm, 1, 3, 3, 2, 1},
          {"batch_norm_backward", batch_norm_backward, 4, 5, kAny, 2, 1}};
}

}  // namespace tessera::reference
