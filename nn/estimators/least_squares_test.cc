// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/estimators/least_squares.h"

#include <cmath>
#include <limits>
#include <random>

#include "gtest/gtest.h"

namespace tessera::nn::internal {
namespace {

constexpr double kRcond = 1e-13;

Matrix random_matrix(int64_t rows, int64_t columns, std::mt19937& random) {
  Matrix m(rows, columns);
  std::normal_distribution<double> normal;
  for (double& value : m.values) value = normal(random);
  return m;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.columns);
  for (int64_t j = 0; j < b.columns; ++j) {
    for (int64_t k = 0; k < a.columns; ++k) {
      for (int64_t i = 0; i < a.rows; ++i) c.column(j)[i] += a.column(k)[i] * b.column(j)[k];
    }
  }
  return c;
}

Matrix transposed(const Matrix& a) {
  Matrix t(a.columns, a.rows);
  for (int64_t j = 0; j < a.columns; ++j) {
    for (int64_t i = 0; i < a.rows; ++i) t.column(i)[j] = a.column(j)[i];
  }
  return t;
}

double largest(const Matrix& a) {
  double most = 0;
  for (double value : a.values) most = std::max(most, std::abs(value));
  return most;
}

// x solves a^T (a x - b) = 0, and lies in the span of a's rows: x = a^T (a a^T)^+ a x, which is
// checked as: x is orthogonal to every `null` vector of a.
void expect_solution(const Matrix& a, const Matrix& b, const Matrix& x, const Matrix& null) {
  Matrix residual = product(a, x);
  for (size_t i = 0; i < residual.values.size(); ++i) residual.values[i] -= b.values[i];
  EXPECT_LT(largest(product(transposed(a), residual)), 1e-11);
  EXPECT_LT(largest(product(transposed(null), x)), 1e-12);
}

TEST(LeastSquares, FullRankOfAllShapes) {
  std::mt19937 random(3);
  for (int64_t rows : {1, 2, 5, 8, 30}) {
    for (int64_t columns : {1, 2, 5, 8}) {
      if (columns > rows) continue;
      const Matrix a = random_matrix(rows, columns, random), b = random_matrix(rows, 3, random);
      const LeastSquaresSolution s = least_squares(a, b, kRcond);
      EXPECT_EQ(s.rank, columns);
      expect_solution(a, b, s.x, Matrix(columns, 0));
    }
  }
}

TEST(LeastSquares, LeastNormWhereColumnsDepend) {
  std::mt19937 random(4);
  for (int64_t rank : {1, 2, 3}) {
    const Matrix a = product(random_matrix(12, rank, random), random_matrix(rank, 5, random));
    const Matrix b = random_matrix(12, 2, random);
    const LeastSquaresSolution s = least_squares(a, b, kRcond);
    EXPECT_EQ(s.rank, rank);
    // Vectors that a takes to 0: random ones less their part in the span of a's rows.
    const Matrix r = random_matrix(5, 4, random);
    const LeastSquaresSolution in_span = least_squares(a, product(a, r), kRcond);
    Matrix null = r;
    for (size_t i = 0; i < null.values.size(); ++i) null.values[i] -= in_span.x.values[i];
    EXPECT_LT(largest(product(a, null)), 1e-11);
    EXPECT_GT(largest(null), 0.1);
    expect_solution(a, b, s.x, null);
  }
}

TEST(LeastSquares, FewerRowsThanColumns) {
  Matrix a(1, 2), b(1, 1);
  a.values = {3, 4};
  b.values = {10};
  const LeastSquaresSolution s = least_squares(a, b, kRcond);
  EXPECT_EQ(s.rank, 1);
  EXPECT_NEAR(s.x.values[0], 1.2, 1e-15);
  EXPECT_NEAR(s.x.values[1], 1.6, 1e-15);
}

TEST(LeastSquares, ZerosHaveRankZero) {
  Matrix b(4, 1);
  b.values = {1, 2, 3, 4};
  const LeastSquaresSolution s = least_squares(Matrix(4, 3), b, kRcond);
  EXPECT_EQ(s.rank, 0);
  EXPECT_EQ(s.x.values, std::vector<double>(3, 0));
}

TEST(LeastSquares, KeepsTheDigitsThatNormalEquationsLose) {
  // Condition about 1e8: its square is beyond double.
  const double e = 1e-8;
  Matrix a(3, 2), b(3, 1);
  a.values = {1, e, 0, 1, 0, e};
  b.values = {2, e, e};
  const LeastSquaresSolution s = least_squares(a, b, std::numeric_limits<double>::epsilon());
  EXPECT_EQ(s.rank, 2);
  EXPECT_NEAR(s.x.values[0], 1, 1e-7);
  EXPECT_NEAR(s.x.values[1], 1, 1e-7);
}

}  // namespace
}  // namespace tessera::nn::internal
