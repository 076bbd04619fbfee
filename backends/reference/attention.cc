// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <vector>

#include "tessera/backends/random/philox.h"
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The elements of a tensor (B.., rows, columns) in row-major order.
struct Matrices {
  std::vector<double> values;
  int64_t rows, columns;

  explicit Matrices(const View& x) : rows(x.size(x.rank() - 2)), columns(x.size(x.rank() - 1)) {
    for (Real v : values_of<Real>(x)) values.push_back(v.value);
  }
  double operator()(int64_t batch, int64_t i, int64_t j) const {
    return values[(batch * rows + i) * columns + j];
  }
};

// q (B.., L, E), k (B.., S, E), v (B.., S, Ev) at inputs first ...; a mask (B.., L, S) at `mask`.
// ints: is_causal, seed, offset; doubles: scale, dropout_p
struct Attention {
  const Call& call;
  Matrices q, k, v;
  std::vector<double> bias;  // added to the scores; empty: nothing is
  int64_t batches = 1;

  Attention(const Call& c, int first, int mask)
      : call(c), q(c.in(first)), k(c.in(first + 1)), v(c.in(first + 2)) {
    for (int d = 0; d < c.in(first).rank() - 2; ++d) batches *= c.in(first).size(d);
    if (c.n_inputs() <= mask) return;
    const View m = c.in(mask);
    const bool is_bool = m.dtype() == TSR_BOOL;
    for_each_index(m.shape(), [&](const Index& i) {
      const bool hidden = is_bool && m.get<Integer>(i).value == 0;
      bias.push_back(hidden ? -kInfinity : is_bool ? 0 : m.get<Real>(i).value);
    });
  }

  int64_t queries() const { return q.rows; }
  int64_t keys() const { return k.rows; }
  int64_t place(int64_t batch, int64_t i, int64_t j) const {
    return (batch * queries() + i) * keys() + j;
  }

  double score(int64_t batch, int64_t i, int64_t j) const {
    if (call.integer(0) != 0 && j > i) return -kInfinity;
    double sum = 0;
    for (int64_t e = 0; e < q.columns; ++e) sum += q(batch, i, e) * k(batch, j, e);
    return sum * call.real(0) + (bias.empty() ? 0 : bias[place(batch, i, j)]);
  }

  // What dropout multiplies the weight of key j for query i by.
  double factor(int64_t batch, int64_t i, int64_t j) const {
    const double p = call.real(1);
    if (p == 0) return 1;
    const int64_t element = place(batch, i, j);
    uint32_t words[4];
    tessera_philox_block(static_cast<uint64_t>(call.integer(1)),
                         static_cast<uint64_t>(call.integer(2) + element / 4), words);
    const float draw = tessera_uniform_float32(words[element % 4]);
    return draw >= static_cast<float>(p) && p < 1 ? 1 / (1 - p) : 0;
  }
};

void store(const View& x, const std::vector<double>& values) {
  size_t place = 0;
  for_each_index(x.shape(), [&](const Index& i) { x.set(i, Real(values[place++])); });
}

// q, k, v, [mask] -> y, lse
Result forward(const Call& call) {
  const Attention a(call, 0, 3);
  std::vector<double> y, lse;
  for (int64_t batch = 0; batch < a.batches; ++batch) {
    for (int64_t i = 0; i < a.queries(); ++i) {
      std::vector<double> weights(a.keys());
      double largest = -kInfinity, sum = 0;
      for (int64_t j = 0; j < a.keys(); ++j) {
        weights[j] = a.score(batch, i, j);
        if (weights[j] > largest) largest = weights[j];
      }
      if (largest == -kInfinity) largest = 0;
      for (double& w : weights) sum += w = std::exp(w - largest);
      for (int64_t j = 0; j < a.keys(); ++j) weights[j] *= a.factor(batch, i, j);
      for (int64_t e = 0; e < a.v.columns; ++e) {
        double total = 0;
        for (int64_t j = 0; j < a.keys(); ++j) total += weights[j] * a.v(batch, j, e);
        y.push_back(sum == 0 ? 0 : total / sum);
      }
      lse.push_back(sum == 0 ? kInfinity : largest + std::log(sum));
    }
  }
  store(call.out(0), y);
  store(call.out(1), lse);
  return {};
}

// g, q, k, v, y, lse, [mask] -> dq, dk, dv; tensor/ops/attention.cc has the algebra
Result backward(const Call& call) {
  const Attention a(call, 1, 6);
  const Matrices g(call.in(0)), y(call.in(4));
  const std::vector<Real> lse = values_of<Real>(call.in(5));
  const int64_t features = a.q.columns, width = a.v.columns;
  std::vector<double> dq(a.q.values.size()), dk(a.k.values.size()), dv(a.v.values.size());
  for (int64_t batch = 0; batch < a.batches; ++batch) {
    for (int64_t i = 0; i < a.queries(); ++i) {
      const int64_t query = batch * a.queries() + i;
      double mean = 0;
      for (int64_t e = 0; e < width; ++e) mean += g(batch, i, e) * y(batch, i, e);
      for (int64_t j = 0; j < a.keys(); ++j) {
        const int64_t key = batch * a.keys() + j;
        const double p = std::exp(a.score(batch, i, j) - lse[query].value);
        const double z = a.factor(batch, i, j);
        double dp = 0;
        for (int64_t e = 0; e < width; ++e) {
          dp += g(batch, i, e) * a.v(batch, j, e) * z;
          dv[key * width + e] += p * z * g(batch, i, e);
        }
        const double ds = p * (dp - mean) * call.real(0);
        for (int64_t e = 0; e < features; ++e) {
          dq[query * features + e] += ds * a.k(batch, j, e);
          dk[key * features + e] += ds * a.q(batch, i, e);
        }
      }
    }
  }
  store(call.out(0), dq);
  store(call.out(1), dk);
  store(call.out(2), dv);
  return {};
}

}  // namespace

Kernels attention_kernels() {
  return {{"scaled_dot_product_attention", forward, 3, 4, 2, 3, 2},
          {"scaled_dot_product_attention_backward", backward, 6, 7, 3, 3, 2}};
}

}  // namespace tessera::reference
