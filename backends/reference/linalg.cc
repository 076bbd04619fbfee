// SPDX-License-Identifier: Apache-2.0
//
// Square matrices (B.., n, n), by the textbook's loops.
#include <cmath>
#include <string>
#include <utility>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

using Values = std::vector<Real>;

// One matrix after the other, row-major.
struct Batch {
  Values values;
  int64_t rows, columns, count;

  explicit Batch(const View& x)
      : values(values_of<Real>(x)),
        rows(x.size(x.rank() - 2)),
        columns(x.size(x.rank() - 1)),
        count(values.empty() ? 0 : x.numel() / (rows * columns)) {}
  Real& at(int64_t b, int64_t i, int64_t j) { return values[(b * rows + i) * columns + j]; }
};

// a -> L with a = L L^T, row by row.
Result cholesky(const Call& call) {
  Batch a(call.in(0)), l(call.in(0));
  for (int64_t b = 0; b < a.count; ++b) {
    for (int64_t i = 0; i < a.rows; ++i) {
      for (int64_t j = 0; j < a.rows; ++j) {
        if (j > i) {
          l.at(b, i, j) = Real(0);
          continue;
        }
        Real rest = a.at(b, i, j);
        for (int64_t k = 0; k < j; ++k) rest = rest - l.at(b, i, k) * l.at(b, j, k);
        if (j < i) {
          l.at(b, i, j) = rest / l.at(b, j, j);
        } else if (rest.value > 0) {
          l.at(b, i, i) = Real(std::sqrt(rest.value));
        } else {
          return {TSR_INVALID_ARGUMENT, "linalg.cholesky: the leading minor of order " +
                                            std::to_string(i + 1) + " of matrix " +
                                            std::to_string(b) + " is not positive definite"};
        }
      }
    }
  }
  store_values(call.out(0), l.values);
  return {};
}

// Matrix b of a becomes U and, below the diagonal, L; returns the order of its rows. Where a pivot
// is 0 so is all below it, and nothing is eliminated.
std::vector<int64_t> factor(Batch& a, int64_t b) {
  const int64_t n = a.rows;
  std::vector<int64_t> order(n);
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i) {
      if (std::fabs(a.at(b, i, k).value) > std::fabs(a.at(b, pivot, k).value)) pivot = i;
    }
    std::swap(order[k], order[pivot]);
    for (int64_t j = 0; j < n; ++j) std::swap(a.at(b, k, j), a.at(b, pivot, j));
    if (a.at(b, k, k).value == 0) continue;
    for (int64_t i = k + 1; i < n; ++i) {
      a.at(b, i, k) = a.at(b, i, k) / a.at(b, k, k);
      for (int64_t j = k + 1; j < n; ++j) {
        a.at(b, i, j) = a.at(b, i, j) - a.at(b, i, k) * a.at(b, k, j);
      }
    }
  }
  return order;
}

Result lu_factor(const Call& call) {
  Batch a(call.in(0));
  std::vector<Integer> orders;
  for (int64_t b = 0; b < a.count; ++b) {
    for (int64_t row : factor(a, b)) orders.push_back(Integer(row));
  }
  store_values(call.out(0), a.values);
  store_values(call.out(1), orders);
  return {};
}

// x becomes the solution of a x = b for a triangle of matrix `batch` of a, from its end or start.
void substitute(Batch& a, Batch& x, int64_t batch, bool upper, bool unit) {
  const int64_t n = a.rows;
  for (int64_t column = 0; column < x.columns; ++column) {
    for (int64_t step = 0; step < n; ++step) {
      const int64_t i = upper ? n - 1 - step : step;
      Real rest = x.at(batch, i, column);
      for (int64_t j = upper ? i + 1 : 0; j < (upper ? n : i); ++j) {
        rest = rest - a.at(batch, i, j) * x.at(batch, j, column);
      }
      x.at(batch, i, column) = unit ? rest : rest / a.at(batch, i, i);
    }
  }
}

// Attributes: upper, unitriangular.
Result solve_triangular(const Call& call) {
  Batch a(call.in(0)), x(call.in(1));
  for (int64_t b = 0; b < x.count; ++b) {
    substitute(a, x, b, call.integer(0) != 0, call.integer(1) != 0);
  }
  store_values(call.out(0), x.values);
  return {};
}

Result solve(const Call& call) {
  Batch a(call.in(0)), given(call.in(1)), x(call.in(1));
  for (int64_t b = 0; b < a.count; ++b) {
    const std::vector<int64_t> order = factor(a, b);
    for (int64_t i = 0; i < a.rows; ++i) {
      if (a.at(b, i, i).value == 0) {
        return {TSR_INVALID_ARGUMENT, "linalg.solve: matrix " + std::to_string(b) + " is singular"};
      }
      for (int64_t j = 0; j < x.columns; ++j) x.at(b, i, j) = given.at(b, order[i], j);
    }
    substitute(a, x, b, /*upper=*/false, /*unit=*/true);
    substitute(a, x, b, /*upper=*/true, /*unit=*/false);
  }
  store_values(call.out(0), x.values);
  return {};
}

// a (B.., n, n) -> (B..): the product of U's diagonal, negative for an odd number of exchanges.
Result det(const Call& call) {
  Batch a(call.in(0));
  Values results;
  for (int64_t b = 0; b < a.count; ++b) {
    const std::vector<int64_t> order = factor(a, b);
    Real product(1);
    for (int64_t i = 0; i < a.rows; ++i) {
      product = product * a.at(b, i, i);
      for (int64_t j = 0; j < i; ++j) {
        if (order[j] > order[i]) product = Real(0) - product;
      }
    }
    results.push_back(product);
  }
  // Matrices of size 0 have the determinant 1.
  if (a.rows == 0) results.assign(call.out(0).numel(), Real(1));
  store_values(call.out(0), results);
  return {};
}

}  // namespace

Kernels linalg_kernels() {
  return {
      {"linalg.cholesky", cholesky, 1, 1, 1, 0, 0},
      {"linalg.solve", solve, 2, 2, 1, 0, 0},
      {"linalg.solve_triangular", solve_triangular, 2, 2, 1, 2, 0},
      {"linalg.lu_factor", lu_factor, 1, 1, 2, 0, 0},
      {"linalg.det", det, 1, 1, 1, 0, 0},
  };
}

}  // namespace tessera::reference
