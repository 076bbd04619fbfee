// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

double value(const View& x, int64_t row, int64_t column) {
  return x.get<Real>({row, column}).value;
}
void store(const View& x, int64_t row, int64_t column, double v) { x.set({row, column}, Real(v)); }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

using Matrix = std::vector<std::vector<double>>;

Matrix matrix(const View& x) {
  Matrix m(x.size(0), std::vector<double>(x.size(1)));
  for_each_index(x.shape(), [&](const Index& i) { m[i[0]][i[1]] = x.get<Real>(i).value; });
  return m;
}

// Calls f(sequence, row, row of the step before or -1) for every step of every sequence, in the
// order of computing, or backwards. ints: reverse, batch sizes...
template <class F>
void for_each_step(const Call& call, bool backwards, F f) {
  const int64_t steps = call.n_integers() - 1;
  std::vector<int64_t> offsets = {0};
  for (int64_t t = 0; t < steps; ++t) offsets.push_back(offsets.back() + call.integer(1 + t));
  for (int64_t b = 0; b < call.integer(1); ++b) {
    std::vector<int64_t> rows;
    for (int64_t t = 0; t < steps && b < call.integer(1 + t); ++t) rows.push_back(offsets[t] + b);
    if (call.integer(0) != 0) std::reverse(rows.begin(), rows.end());
    for (size_t k = 0; k < rows.size(); ++k) {
      const size_t at = backwards ? rows.size() - 1 - k : k;
      f(b, rows[at], at == 0 ? -1 : rows[at - 1]);
    }
  }
}

// gates, weight, h0, c0 -> output, h_n, c_n, activated, cells
Result lstm(const Call& call) {
  View gates = call.in(0), weight = call.in(1);
  Matrix h = matrix(call.in(2)), c = matrix(call.in(3));
  const int64_t size = weight.size(1);
  for_each_step(call, /*backwards=*/false, [&](int64_t b, int64_t row, int64_t) {
    std::vector<double> sums(4 * size);
    for (int64_t j = 0; j < 4 * size; ++j) {
      sums[j] = value(gates, row, j);
      for (int64_t k = 0; k < size; ++k) sums[j] += h[b][k] * value(weight, j, k);
    }
    for (int64_t j = 0; j < size; ++j) {
      const double i = sigmoid(sums[j]), f = sigmoid(sums[size + j]);
      const double g = std::tanh(sums[2 * size + j]), o = sigmoid(sums[3 * size + j]);
      c[b][j] = f * c[b][j] + i * g;
      h[b][j] = o * std::tanh(c[b][j]);
      store(call.out(0), row, j, h[b][j]);
      store(call.out(3), row, j, i);
      store(call.out(3), row, size + j, f);
      store(call.out(3), row, 2 * size + j, g);
      store(call.out(3), row, 3 * size + j, o);
      store(call.out(4), row, j, c[b][j]);
    }
  });
  for_each_index(call.out(1).shape(), [&](const Index& i) {
    call.out(1).set(i, Real(h[i[0]][i[1]]));
    call.out(2).set(i, Real(c[i[0]][i[1]]));
  });
  return {};
}

// gy, gh, gc, weight, activated, cells, c0 -> gradients of gates, h0, c0
Result lstm_backward(const Call& call) {
  View gy = call.in(0), weight = call.in(3), activated = call.in(4), cells = call.in(5);
  View c0 = call.in(6), gates = call.out(0);
  Matrix dh = matrix(call.in(1)), dc = matrix(call.in(2));
  const int64_t size = weight.size(1);
  for_each_step(call, /*backwards=*/true, [&](int64_t b, int64_t row, int64_t before) {
    std::vector<double> d(4 * size);
    for (int64_t j = 0; j < size; ++j) {
      const double i = value(activated, row, j), f = value(activated, row, size + j);
      const double g = value(activated, row, 2 * size + j);
      const double o = value(activated, row, 3 * size + j);
      const double c = std::tanh(value(cells, row, j));
      const double h_step = dh[b][j] + value(gy, row, j);
      const double c_step = dc[b][j] + h_step * o * (1 - c * c);
      d[j] = c_step * g * i * (1 - i);
      d[size + j] = c_step * (before < 0 ? value(c0, b, j) : value(cells, before, j)) * f * (1 - f);
      d[2 * size + j] = c_step * i * (1 - g * g);
      d[3 * size + j] = h_step * c * o * (1 - o);
      dc[b][j] = c_step * f;
    }
    for (int64_t j = 0; j < 4 * size; ++j) store(gates, row, j, d[j]);
    for (int64_t k = 0; k < size; ++k) {
      dh[b][k] = 0;
      for (int64_t j = 0; j < 4 * size; ++j) dh[b][k] += d[j] * value(weight, j, k);
    }
  });
  for_each_index(call.out(1).shape(), [&](const Index& i) {
    call.out(1).set(i, Real(dh[i[0]][i[1]]));
    call.out(2).set(i, Real(dc[i[0]][i[1]]));
  });
  return {};
}

}  // namespace

Kernels lstm_kernels() {
  return {{"lstm", lstm, 4, 4, 5, kAny, 0}, {"lstm_backward", lstm_backward, 7, 7, 3, kAny, 0}};
}

}  // namespace tessera::reference
