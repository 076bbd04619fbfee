// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// A tensor as rows of the elements of its last `dims` dimensions.
struct Rows {
  std::vector<double> values;
  int64_t count = 1, size = 1;

  Rows(const View& x, int64_t dims) {
    for (int d = 0; d < x.rank(); ++d) (d < x.rank() - dims ? count : size) *= x.size(d);
    for (Real value : values_of<Real>(x)) values.push_back(value.value);
  }
  double at(int64_t row, int64_t k) const { return values[row * size + k]; }
};

std::vector<double> list_of(const View& x) {
  std::vector<double> list;
  for (Real value : values_of<Real>(x)) list.push_back(value.value);
  return list;
}

void store(const View& y, const std::vector<double>& values) {
  store_values(y, std::vector<Real>(values.begin(), values.end()));
}

// layer_norm: x, [weight], [bias] -> y, mean, rstd; ints: dims, has_weight, has_bias
// rms_norm: x, [weight] -> y, rstd; ints: dims, has_weight
template <bool centred>
Result forward(const Call& call) {
  const Rows x(call.in(0), call.integer(0));
  const bool has_weight = call.integer(1) != 0, has_bias = centred && call.integer(2) != 0;
  if (call.n_inputs() != 1 + has_weight + has_bias) {
    return {TSR_INVALID_ARGUMENT, "layer_norm: number of inputs"};
  }
  const std::vector<double> weight = has_weight ? list_of(call.in(1)) : std::vector<double>();
  const std::vector<double> bias = has_bias ? list_of(call.in(1 + has_weight)) : weight;
  const double n = static_cast<double>(x.size);
  std::vector<double> y, means, rstds;
  for (int64_t row = 0; row < x.count; ++row) {
    double mean = 0, squares = 0;
    for (int64_t k = 0; k < x.size; ++k) mean += centred ? x.at(row, k) : 0;
    mean /= centred ? n : 1;
    for (int64_t k = 0; k < x.size; ++k) squares += std::pow(x.at(row, k) - mean, 2);
    const double rstd = 1 / std::sqrt(squares / n + call.real(0));
    means.push_back(mean);
    rstds.push_back(rstd);
    for (int64_t k = 0; k < x.size; ++k) {
      y.push_back((x.at(row, k) - mean) * rstd * (has_weight ? weight[k] : 1) +
                  (has_bias ? bias[k] : 0));
    }
  }
  store(call.out(0), y);
  if (centred) store(call.out(1), means);
  store(call.out(centred ? 2 : 1), rstds);
  return {};
}

// layer_norm: g, x, [weight], mean, rstd -> gx, [gweight, gbias]; ints: dims, has_weight, affine
// rms_norm: g, x, [weight], rstd -> gx, [gweight]
template <bool centred>
Result backward(const Call& call) {
  const Rows g(call.in(0), call.integer(0)), x(call.in(1), call.integer(0));
  const bool has_weight = call.integer(1) != 0, affine = call.integer(2) != 0;
  const int statistics = 2 + has_weight;
  if (call.n_inputs() != statistics + 1 + centred ||
      call.n_outputs() != (affine ? 2 + centred : 1)) {
    return {TSR_INVALID_ARGUMENT, "layer_norm_backward: number of inputs or outputs"};
  }
  const std::vector<double> weight = has_weight ? list_of(call.in(2)) : std::vector<double>();
  const std::vector<double> means = list_of(call.in(statistics));
  const std::vector<double> rstds = list_of(call.in(statistics + centred));
  const double n = static_cast<double>(x.size);
  std::vector<double> gx, gweight(x.size), gbias(x.size);
  for (int64_t row = 0; row < x.count; ++row) {
    const double mean = centred ? means[row] : 0, rstd = rstds[row];
    auto xhat = [&](int64_t k) { return (x.at(row, k) - mean) * rstd; };
    auto h = [&](int64_t k) { return g.at(row, k) * (has_weight ? weight[k] : 1); };
    double sum = 0, products = 0;
    for (int64_t k = 0; k < x.size; ++k) {
      sum += centred ? h(k) : 0;
      products += h(k) * xhat(k);
      gweight[k] += g.at(row, k) * xhat(k);
      gbias[k] += g.at(row, k);
    }
    for (int64_t k = 0; k < x.size; ++k) {
      gx.push_back(rstd * (h(k) - sum / n - xhat(k) * products / n));
    }
  }
  store(call.out(0), gx);
  if (affine) store(call.out(1), gweight);
  if (affine && centred) store(call.out(2), gbias);
  return {};
}

}  // namespace

Kernels layer_norm_kernels() {
  return {{"layer_norm", forward<true>, 1, 3, 3, 3, 1},
          {"layer_norm_backward", backward<true>, 4, 5, kAny, 3, 0},
          {"rms_norm", forward<false>, 1, 2, 2, 2, 1},
          {"rms_norm_backward", backward<false>, 3, 4, kAny, 3, 0}};
}

}  // namespace tessera::reference
