// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/orthonormal.h"

#include <cmath>

namespace tessera::nn {
namespace {

// y -= 2 v (v . y) for the vectors y that are columns [first, columns) of a, v of unit length from
// row k on (zero: no reflection).
void reflect(std::vector<double>& a, const std::vector<double>& v, int64_t k, int64_t rows,
             int64_t columns, int64_t first) {
  std::vector<double> dots(static_cast<size_t>(columns), 0.0);
  for (int64_t i = k; i < rows; ++i) {
    for (int64_t j = first; j < columns; ++j) dots[j] += v[i] * a[i * columns + j];
  }
  for (int64_t i = k; i < rows; ++i) {
    for (int64_t j = first; j < columns; ++j) a[i * columns + j] -= 2 * v[i] * dots[j];
  }
}

}  // namespace

std::vector<double> orthonormal_columns(std::vector<double> a, int64_t rows, int64_t columns) {
  std::vector<std::vector<double>> reflections;
  std::vector<double> signs;
  for (int64_t k = 0; k < columns; ++k) {
    // v takes column k from row k on to a multiple of the unit vector, of the sign that does not
    // cancel.
    std::vector<double> v(static_cast<size_t>(rows), 0.0);
    double square = 0;
    for (int64_t i = k; i < rows; ++i) {
      v[i] = a[i * columns + k];
      square += v[i] * v[i];
    }
    const double length = std::sqrt(square);
    signs.push_back(v[k] > 0 ? -1 : 1);  // of R's diagonal
    v[k] += v[k] > 0 ? length : -length;
    double norm = 0;
    for (int64_t i = k; i < rows; ++i) norm += v[i] * v[i];
    norm = std::sqrt(norm);
    if (norm > 0) {
      for (int64_t i = k; i < rows; ++i) v[i] /= norm;
    }
    reflect(a, v, k, rows, columns, k);
    reflections.push_back(std::move(v));
  }
  // Q = H_0 H_1 ... applied to the first columns of the identity, with R's signs moved over.
  std::vector<double> q(static_cast<size_t>(rows * columns), 0.0);
  for (int64_t j = 0; j < columns; ++j) q[j * columns + j] = signs[j];
  for (int64_t k = columns; k-- > 0;) reflect(q, reflections[k], k, rows, columns, k);
  return q;
}

}  // namespace tessera::nn
