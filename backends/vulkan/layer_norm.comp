// SPDX-License-Identifier: Apache-2.0
//
// Rows of x (rows, size) normalised: xhat = (x - mean) rstd. CENTRED: layer_norm; else rms_norm,
// whose mean is 0. mean and rstd (rows) of WIDE, weight and bias (size) or none (0).
//   forward: y = xhat w + b, rstd = 1 / sqrt(var + eps)
//   BACKWARD: h = g w, gx = rstd (h - sum(h) / size - xhat sum(h xhat) / size)
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t x, weight, bias, mean, rstd;
  uint64_t g;
  uint64_t y;    // BACKWARD: gx
  uint64_t eps;  // () of WIDE
  int rows, size;
}
p;

void main() {
  int row = row_index();
  bool mine = row < p.rows;
  int first = mine ? row * p.size : 0;
  int size = mine ? p.size : 0;
  VALUE scale = VALUE(1) / VALUE(p.size);
  VALUE mean = VALUE(0);
#ifdef BACKWARD
  VALUE rstd = mine ? LOAD_WIDE(p.rstd, row) : VALUE(0);
#ifdef CENTRED
  if (mine) mean = LOAD_WIDE(p.mean, row);
#endif
  VALUE sum = VALUE(0), products = VALUE(0);
  for (int k = lane(); k < size; k += LANES) {
    VALUE h = LOAD(p.g, first + k);
    if (p.weight != uint64_t(0)) h *= LOAD(p.weight, k);
    sum += h;
    products += h * ((LOAD(p.x, first + k) - mean) * rstd);
  }
#ifdef CENTRED
  sum = row_sum(sum) * scale;
#else
  sum = VALUE(0);
#endif
  products = row_sum(products) * scale;
  for (int k = lane(); k < size; k += LANES) {
    VALUE h = LOAD(p.g, first + k);
    if (p.weight != uint64_t(0)) h *= LOAD(p.weight, k);
    VALUE xhat = (LOAD(p.x, first + k) - mean) * rstd;
    STORE(p.y, first + k, rstd * (h - sum - xhat * products));
  }
#else
#ifdef CENTRED
  // Of differences from one element, so that equal elements have no variance.
  VALUE origin = size > 0 ? finite_or_zero(LOAD(p.x, first)) : VALUE(0);
  for (int k = lane(); k < size; k += LANES) mean += LOAD(p.x, first + k) - origin;
  mean = origin + row_sum(mean) * scale;
#endif
  VALUE squares = VALUE(0);
  for (int k = lane(); k < size; k += LANES) {
    VALUE d = LOAD(p.x, first + k) - mean;
    squares += d * d;
  }
  squares = row_sum(squares);
  VALUE rstd = VALUE(1) / m_sqrt(squares * scale + LOAD_WIDE(p.eps, 0));
  for (int k = lane(); k < size; k += LANES) {
    VALUE y = (LOAD(p.x, first + k) - mean) * rstd;
    if (p.weight != uint64_t(0)) y *= LOAD(p.weight, k);
    if (p.bias != uint64_t(0)) y += LOAD(p.bias, k);
    STORE(p.y, first + k, y);
  }
  if (mine && lane() == 0) {
#ifdef CENTRED
    STORE_WIDE(p.mean, row, mean);
#endif
    STORE_WIDE(p.rstd, row, rstd);
  }
#endif
}
