// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/estimators/least_squares.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tessera::nn::internal {
namespace {

double dot(const double* a, const double* b, int64_t n) {
  double sum[4] = {};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int64_t k = 0; k < 4; ++k) sum[k] += a[i + k] * b[i + k];
  }
  for (; i < n; ++i) sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// Turns v (n >= 1) into the reflection H = I - tau v v^T, v[0] = 1, that takes it to
// (first, 0, ..., 0).
struct Reflection {
  double tau, first;
};
Reflection make_reflection(double* v, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(v[i]));
  if (largest == 0) {
    v[0] = 1;
    return {.tau = 0, .first = 0};
  }
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) squares += (v[i] / largest) * (v[i] / largest);
  const double norm = largest * std::sqrt(squares);
  const double first = v[0] > 0 ? -norm : norm;
  const double scale = v[0] - first;
  const double tau = -scale / first;
  for (int64_t i = 1; i < n; ++i) v[i] /= scale;
  v[0] = 1;
  return {.tau = tau, .first = first};
}

void reflect(const double* v, double tau, double* x, int64_t n) {
  const double factor = tau * dot(v, x, n);
  for (int64_t i = 0; i < n; ++i) x[i] -= factor * v[i];
}

}  // namespace

// a P = Q R, with |R(k, k)| falling; the rank r is where they become small. The first r rows of R,
// transposed, are (n, r); reflections make them (L; 0), so that x = P Z (L^-1 (Q^T b)[0, r); 0).
LeastSquaresSolution least_squares(Matrix a, Matrix b, double rcond) {
  const int64_t m = a.rows, n = a.columns;
  std::vector<int64_t> order(static_cast<size_t>(n));
  for (int64_t j = 0; j < n; ++j) order[static_cast<size_t>(j)] = j;
  std::vector<double> diagonal;
  for (int64_t k = 0; k < std::min(m, n); ++k) {
    int64_t pivot = k;
    double most = -1;
    for (int64_t j = k; j < n; ++j) {
      const double squares = dot(a.column(j) + k, a.column(j) + k, m - k);
      if (squares > most) {
        most = squares;
        pivot = j;
      }
    }
    if (!diagonal.empty() && std::sqrt(most) <= rcond * std::abs(diagonal[0])) break;
    if (most == 0) break;
    std::swap_ranges(a.column(k), a.column(k) + m, a.column(pivot));
    std::swap(order[static_cast<size_t>(k)], order[static_cast<size_t>(pivot)]);
    double* v = a.column(k) + k;
    const Reflection h = make_reflection(v, m - k);
    for (int64_t j = k + 1; j < n; ++j) reflect(v, h.tau, a.column(j) + k, m - k);
    for (int64_t j = 0; j < b.columns; ++j) reflect(v, h.tau, b.column(j) + k, m - k);
    diagonal.push_back(h.first);
  }
  const int64_t r = static_cast<int64_t>(diagonal.size());

  Matrix t(n, r);  // R's first r rows, transposed
  for (int64_t i = 0; i < r; ++i) {
    t.column(i)[i] = diagonal[static_cast<size_t>(i)];
    for (int64_t j = i + 1; j < n; ++j) t.column(i)[j] = a.column(j)[i];
  }
  // t = Z (U; 0), U (r, r) upper triangular, kept above the reflections; L = U^T.
  std::vector<Reflection> z(static_cast<size_t>(r));
  for (int64_t k = 0; k < r; ++k) {
    double* v = t.column(k) + k;
    z[static_cast<size_t>(k)] = make_reflection(v, n - k);
    for (int64_t j = k + 1; j < r; ++j) {
      reflect(v, z[static_cast<size_t>(k)].tau, t.column(j) + k, n - k);
    }
  }

  LeastSquaresSolution solution = {.x = Matrix(n, b.columns), .rank = r};
  std::vector<double> w(static_cast<size_t>(n));
  for (int64_t c = 0; c < b.columns; ++c) {
    std::fill(w.begin(), w.end(), 0);
    for (int64_t i = 0; i < r; ++i) {  // U^T w = (Q^T b)[0, r)
      const double sum = dot(t.column(i), w.data(), i);
      w[static_cast<size_t>(i)] = (b.column(c)[i] - sum) / z[static_cast<size_t>(i)].first;
    }
    for (int64_t k = r - 1; k >= 0; --k) {
      reflect(t.column(k) + k, z[static_cast<size_t>(k)].tau, w.data() + k, n - k);
    }
    for (int64_t j = 0; j < n; ++j) {
      solution.x.column(c)[order[static_cast<size_t>(j)]] = w[static_cast<size_t>(j)];
    }
  }
  return solution;
}

}  // namespace tessera::nn::internal
