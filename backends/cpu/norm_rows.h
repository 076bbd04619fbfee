// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of normalisation: along a line of numbers that have one mean, and down the
// columns of a matrix that have one each.
#ifndef TESSERA_BACKENDS_CPU_NORM_ROWS_H_
#define TESSERA_BACKENDS_CPU_NORM_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

template <class T>
struct NormRows {
  // ---- A line. `weight` and `bias` may be null: 1 and 0 ----

  T (*sum)(const T* x, int64_t n);
  // The sum of x^2.
  T (*squares)(const T* x, int64_t n);
  // The sums of x - mean and (x - mean)^2.
  void (*deviations)(const T* x, int64_t n, T mean, T* sum, T* squares);
  // y = (x - mean) * scale * weight + bias
  void (*normalize)(const T* x, int64_t n, T mean, T scale, const T* weight, const T* bias, T* y);
  // y = (x - mean) * scale + bias
  void (*affine)(const T* x, int64_t n, T mean, T scale, T bias, T* y);
  // The sums of h and h * (x - mean), h = g * weight.
  void (*products)(const T* g, const T* x, int64_t n, T mean, const T* weight, T* sum_h, T* sum_hx);
  // gx = scale * (g * weight - shift - (x - mean) * slope)
  void (*gradient)(const T* g, const T* x, int64_t n, T mean, const T* weight, T scale, T shift,
                   T slope, T* gx);
  // gweight += g * (x - mean) * scale; gbias += g, where it is not null.
  void (*accumulate)(const T* g, const T* x, int64_t n, T mean, T scale, T* gweight, T* gbias);

  // ---- `rows` rows of n columns, `stride` apart ----

  void (*column_sums)(const T* x, int64_t rows, int64_t stride, int64_t n, T* sum);
  // The sums of x - mean and (x - mean)^2.
  void (*column_deviations)(const T* x, int64_t rows, int64_t stride, int64_t n, const T* mean,
                            T* sum, T* squares);
  // The sums of g and g * (x - mean).
  void (*column_products)(const T* g, const T* x, int64_t rows, int64_t stride, int64_t n,
                          const T* mean, T* sum_g, T* sum_gx);
  // y = (x - mean) * scale + bias
  void (*column_affine)(const T* x, int64_t rows, int64_t stride, int64_t n, const T* mean,
                        const T* scale, const T* bias, T* y);
  // gx = scale * (g - shift - (x - mean) * slope)
  void (*column_gradient)(const T* g, const T* x, int64_t rows, int64_t stride, int64_t n,
                          const T* mean, const T* scale, const T* shift, const T* slope, T* gx);
};

// The sums of squares around a `mean` of `n` numbers that is off by rounding, made the variance
// around the true mean, which `mean` becomes (Chan, Golub and LeVeque, 1983).
template <class T>
void correct_moments(T sum, T squares, T n, T* mean, T* var) {
  *mean += sum / n;
  *var = (squares - sum * sum / n) / n;
}

const NormRows<float>& norm_rows(float);
const NormRows<double>& norm_rows(double);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_NORM_ROWS_H_
