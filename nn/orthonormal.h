// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_NN_ORTHONORMAL_H_
#define TESSERA_NN_ORTHONORMAL_H_

#include <cstdint>
#include <vector>

namespace tessera::nn {

// Q of the decomposition A = Q R with a positive diagonal of R, which makes it unique: columns that
// are orthonormal and span what A's columns span.
//   shape:  matrix (rows, columns), row-major, rows >= columns -> the same
//   source: Householder's reflections
// Where A's columns are dependent, Q is still orthonormal. Not parallel: rows * columns^2 steps.
std::vector<double> orthonormal_columns(std::vector<double> matrix, int64_t rows, int64_t columns);

}  // namespace tessera::nn

#endif  // TESSERA_NN_ORTHONORMAL_H_
