// SPDX-License-Identifier: Apache-2.0
//
// Least squares on the host, in double. For nn/estimators.
#ifndef TESSERA_NN_ESTIMATORS_LEAST_SQUARES_H_
#define TESSERA_NN_ESTIMATORS_LEAST_SQUARES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera::nn::internal {

// A matrix by column.
struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<double> values;  // rows x columns

  Matrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(static_cast<size_t>(rows * columns)) {}
  double* column(int64_t j) { return values.data() + j * rows; }
  const double* column(int64_t j) const { return values.data() + j * rows; }
};

struct LeastSquaresSolution {
  Matrix x;  // (a.columns, b.columns)
  int64_t rank = 0;
};

// The x of least norm among those that minimise |a x - b|, column by column of b. Columns whose
// part that is independent of the others is below `rcond` of the greatest count as dependent. Costs
// about 2 rows columns^2 operations on one thread.
//   source: a complete orthogonal factorisation by Householder reflections with column pivoting;
//           Golub and Van Loan, Matrix Computations, chapter 5.5
LeastSquaresSolution least_squares(Matrix a, Matrix b, double rcond);

}  // namespace tessera::nn::internal

#endif  // TESSERA_NN_ESTIMATORS_LEAST_SQUARES_H_
