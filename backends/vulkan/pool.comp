// SPDX-License-Identifier: Apache-2.0
//
// Pooling of planes: x (planes, h, w), y (planes, oh, ow), a window (kh, kw) for each y.
//   MAXIMUM: y = the first maximum of the window, nan being greatest; -inf if it is all padding
//   ARGUMENT: places (planes, oh, ow) int = where in its plane that maximum is, -1 if nowhere
//   BACKWARD: gx (planes, h, w) = the sum of g, in row-major order, over windows whose place it is
//   AVERAGE: y = the window's sum over its size
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t x;  // BACKWARD: g
  uint64_t y;  // BACKWARD: gx; ARGUMENT: places
  uint64_t places;
  int count;  // elements of what is written
  int h, w, oh, ow, kh, kw, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
  int count_include_pad, divisor_override;  // AVERAGE
}
p;

#ifdef BACKWARD

// The outputs [first, last] whose windows can have `at`.
int first_window(int at, int k, int stride, int pad, int dilation) {
  int reach = at + pad - (k - 1) * dilation;
  return reach <= 0 ? 0 : (reach + stride - 1) / stride;
}

void main() {
  int i = int(thread_index());
  if (i >= p.count) return;
  int plane = i / (p.h * p.w);
  int place = i - plane * (p.h * p.w);
  int row = place / p.w, column = place % p.w;
  int first_y = first_window(row, p.kh, p.stride_h, p.pad_h, p.dilation_h);
  int last_y = min((row + p.pad_h) / p.stride_h, p.oh - 1);
  int first_x = first_window(column, p.kw, p.stride_w, p.pad_w, p.dilation_w);
  int last_x = min((column + p.pad_w) / p.stride_w, p.ow - 1);
  VALUE sum = VALUE(0);
  for (int oy = first_y; oy <= last_y; ++oy) {
    for (int ox = first_x; ox <= last_x; ++ox) {
      int window = (plane * p.oh + oy) * p.ow + ox;
      if (load_i32(p.places, window) == place) sum += LOAD(p.x, window);
    }
  }
  STORE(p.y, i, sum);
}

#else

void main() {
  int i = int(thread_index());
  if (i >= p.count) return;
  int ox = i % p.ow, oy = i / p.ow % p.oh, plane = i / (p.ow * p.oh);
  int first = plane * p.h * p.w;
  int top = oy * p.stride_h - p.pad_h, left = ox * p.stride_w - p.pad_w;
#ifdef AVERAGE
  VALUE sum = VALUE(0);
  int bottom = min(top + p.kh, p.h + p.pad_h), right = min(left + p.kw, p.w + p.pad_w);
  int padded = (bottom - top) * (right - left);
  top = max(top, 0);
  left = max(left, 0);
  bottom = min(bottom, p.h);
  right = min(right, p.w);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) sum += LOAD(p.x, first + y * p.w + x);
  }
  int inside = max(bottom - top, 0) * max(right - left, 0);
  int divisor = p.divisor_override != 0    ? p.divisor_override
                : p.count_include_pad != 0 ? padded
                                           : inside;
  STORE(p.y, i, inside == 0 ? VALUE(0) : sum / VALUE(divisor));
#else
  VALUE largest = -INFINITE;
  int place = -1;
  for (int ky = 0; ky < p.kh; ++ky) {
    int y = top + ky * p.dilation_h;
    if (y < 0 || y >= p.h) continue;
    for (int kx = 0; kx < p.kw; ++kx) {
      int x = left + kx * p.dilation_w;
      if (x < 0 || x >= p.w) continue;
      int at = y * p.w + x;
      VALUE value = LOAD(p.x, first + at);
      if (place < 0 || (!is_nan(largest) && (is_nan(value) || value > largest))) {
        largest = value;
        place = at;
      }
    }
  }
#ifdef ARGUMENT
  store_i32(p.y, i, place);
#else
  STORE(p.y, i, largest);
#endif
#endif
}

#endif
