// SPDX-License-Identifier: Apache-2.0
//
// batch_norm of x (samples, channels, inner). A channel has per_channel = samples inner elements,
// which are cut into parts of part_size; parts (parts, 4, channels) of WIDE are what each found.
// mean, var (channels) of WIDE; weight, bias (channels) or none (0).
//   PARTS: mean and sum of squared deviations of each part; GRADIENT: sums of g and of g
//          xhat, value and rest each
//   FINISH: mean and var; GRADIENT: sums (2, channels) of WIDE, and gb and gw unless none (0)
//   APPLY: y = xhat w + b, xhat = (x - mean) rstd, rstd = 1 / sqrt(var + eps);
//          GRADIENT: gx = rstd w (g - sum(g) / per_channel - xhat sum(g xhat) / per_channel)
// In PARTS and FINISH a channel is a row of rows.glsl.
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t x, g, weight, bias, mean, var, parts, sums;
  uint64_t y;  // GRADIENT: gx
  uint64_t gw, gb;
  uint64_t eps;                                        // () of WIDE
  int channels, inner, per_channel, part_size, count;  // count of parts; APPLY: of elements
}
p;

VALUE rstd_of(int channel) {
  return VALUE(1) / m_sqrt(LOAD_WIDE(p.var, channel) + LOAD_WIDE(p.eps, 0));
}

#ifdef APPLY

void main() {
  int i = int(thread_index());
  if (i >= p.count) return;
  int channel = i / p.inner % p.channels;
  VALUE rstd = rstd_of(channel);
  VALUE y = (LOAD(p.x, i) - LOAD_WIDE(p.mean, channel)) * rstd;
#ifdef GRADIENT
  VALUE scale = VALUE(1) / VALUE(p.per_channel);
  VALUE sum = LOAD_WIDE(p.sums, channel);
  VALUE products = LOAD_WIDE(p.sums, p.channels + channel);
  y = rstd * (LOAD(p.g, i) - sum * scale - y * (products * scale));
#endif
  if (p.weight != uint64_t(0)) y *= LOAD(p.weight, channel);
#ifndef GRADIENT
  if (p.bias != uint64_t(0)) y += LOAD(p.bias, channel);
#endif
  STORE(p.y, i, y);
}

#else

int part_index(int part, int what, int channel) { return (4 * part + what) * p.channels + channel; }

int size_of(int part) { return min(p.part_size, p.per_channel - part * p.part_size); }

Sum load_sum(int part, int what, int channel) {
  return Sum(LOAD_WIDE(p.parts, part_index(part, what, channel)),
             LOAD_WIDE(p.parts, part_index(part, what + 1, channel)));
}

void store_sum(int part, int what, int channel, Sum s) {
  STORE_WIDE(p.parts, part_index(part, what, channel), s.value);
  STORE_WIDE(p.parts, part_index(part, what + 1, channel), s.rest);
}

// Where element k of a channel is.
int place(int channel, int k) {
  int sample_ = k / p.inner;
  return (sample_ * p.channels + channel) * p.inner + (k - sample_ * p.inner);
}

#ifdef PARTS

void main() {
  int channel = int(gl_WorkGroupID.x) * kRows + row_in_group();
  bool mine = channel < p.channels;
  int part = int(gl_WorkGroupID.y);
  int begin = part * p.part_size, end = begin + size_of(part);
  int first = mine ? begin + lane() : end;
#ifdef GRADIENT
  Sum sum = kNoTerms, products = kNoTerms;
  VALUE mean = mine ? LOAD_WIDE(p.mean, channel) : VALUE(0);
  VALUE rstd = mine ? rstd_of(channel) : VALUE(0);
  for (int k = first; k < end; k += LANES) {
    int i = place(channel, k);
    VALUE g = LOAD(p.g, i);
    sum = plus(sum, g);
    products = plus(products, g * ((LOAD(p.x, i) - mean) * rstd));
  }
  sum = row_sum(sum);
  products = row_sum(products);
  if (!mine || lane() != 0) return;
  store_sum(part, 0, channel, sum);
  store_sum(part, 2, channel, products);
#else
  // Differences from one element, so that equal elements have no variance.
  VALUE origin = mine ? finite_or_zero(LOAD(p.x, place(channel, begin))) : VALUE(0);
  VALUE mean = VALUE(0), squares = VALUE(0);
  for (int k = first; k < end; k += LANES) mean += LOAD(p.x, place(channel, k)) - origin;
  mean = origin + row_sum(mean) / VALUE(end - begin);
  for (int k = first; k < end; k += LANES) {
    VALUE d = LOAD(p.x, place(channel, k)) - mean;
    squares += d * d;
  }
  squares = row_sum(squares);
  if (!mine || lane() != 0) return;
  STORE_WIDE(p.parts, part_index(part, 0, channel), mean);
  STORE_WIDE(p.parts, part_index(part, 1, channel), squares);
#endif
}

#else  // FINISH

void main() {
  int channel = int(gl_WorkGroupID.x) * kRows + row_in_group();
  bool mine = channel < p.channels;
  int count = mine ? p.count : 0;
#ifdef GRADIENT
  Sum sum = kNoTerms, products = kNoTerms;
  for (int part = lane(); part < count; part += LANES) {
    sum = plus(sum, load_sum(part, 0, channel));
    products = plus(products, load_sum(part, 2, channel));
  }
  sum = row_sum(sum);
  products = row_sum(products);
  if (!mine || lane() != 0) return;
  STORE_WIDE(p.sums, channel, rounded(sum));
  STORE_WIDE(p.sums, p.channels + channel, rounded(products));
  if (p.gb != uint64_t(0)) STORE(p.gb, channel, rounded(sum));
  if (p.gw != uint64_t(0)) STORE(p.gw, channel, rounded(products));
#else
  // Deviations from the mean of all are those from a part's mean, and that mean's from it.
  VALUE total = VALUE(p.per_channel);
  VALUE origin = VALUE(0), mean = VALUE(0), squares = VALUE(0);
  if (count > 0) origin = finite_or_zero(LOAD_WIDE(p.parts, part_index(0, 0, channel)));
  for (int part = lane(); part < count; part += LANES) {
    VALUE d = LOAD_WIDE(p.parts, part_index(part, 0, channel)) - origin;
    mean += d * (VALUE(size_of(part)) / total);
  }
  mean = origin + row_sum(mean);
  for (int part = lane(); part < count; part += LANES) {
    VALUE d = LOAD_WIDE(p.parts, part_index(part, 0, channel)) - mean;
    squares += LOAD_WIDE(p.parts, part_index(part, 1, channel)) + VALUE(size_of(part)) * d * d;
  }
  squares = row_sum(squares);
  if (!mine || lane() != 0) return;
  bool empty = p.per_channel == 0;
  STORE_WIDE(p.mean, channel, empty ? NAN : mean);
  STORE_WIDE(p.var, channel, empty ? NAN : squares / total);
#endif
}

#endif
#endif
