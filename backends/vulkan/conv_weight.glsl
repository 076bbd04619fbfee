// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a convolution for its weight:
//
//   y[g, o, c, i, j] = sum over n, r, s of
//       gradient[n, g m + o, r, s] x[n, g channels + c, top + r STRIDE_H + i DILATION_H,
//                                                       left + s STRIDE_W + j DILATION_W]
//
// for groups g, outputs o < m, channels c and taps i < KERNEL_H, j < KERNEL_W; x is 0 outside of
// the image. As a product of matrices: the depth is the pixels (n, r, s) of the gradient; y is
// dense.
#ifndef TESSERA_VULKAN_CONV_WEIGHT_GLSL_
#define TESSERA_VULKAN_CONV_WEIGHT_GLSL_

#include "types.glsl"

layout(constant_id = 9) const uint KERNEL_H = 3;
layout(constant_id = 10) const uint KERNEL_W = 3;
layout(constant_id = 11) const int STRIDE_H = 1;
layout(constant_id = 12) const int STRIDE_W = 1;
layout(constant_id = 13) const int DILATION_H = 1;
layout(constant_id = 14) const int DILATION_W = 1;
const uint TAPS = KERNEL_H * KERNEL_W;

layout(push_constant, scalar) uniform Push {
  uint64_t g, x;           // gradient, input
  uint64_t y;              // or partial sums (splits, y)
  int g_n, g_c, g_h, g_w;  // strides in elements
  int x_n, x_c, x_h, x_w;
  uint m, channels;  // of a group
  uint images, rows, columns;
  int height, width;  // of x
  int top, left;
  uint groups;
  uint splits, chunk;  // of the pixels: how many, pixels in each
}
p;

uint pixels() { return p.images * p.rows * p.columns; }

uint64_t g_of_group, x_of_group;

void enter_group(uint group) {
  g_of_group = element(p.g, int64_t(int(group * p.m) * p.g_c), SIZE);
  x_of_group = element(p.x, int64_t(int(group * p.channels) * p.x_c), SIZE);
}

// Where partial sums or y begin for a split and a group.
int64_t place_of_y(uint split, uint group) {
  return int64_t(split * p.groups + group) * int64_t(p.m * p.channels * TAPS);
}

// A pixel of the gradient: where it stands there, and where its window stands in x.
struct Pixel {
  int g;
  int image;
  int top, left;
};

Pixel pixel_of(uint index) {
  const uint row = index / p.columns, column = index - row * p.columns;
  const uint image = row / p.rows, row_in_image = row - image * p.rows;
  Pixel pixel;
  pixel.g = int(image) * p.g_n + int(row_in_image) * p.g_h + int(column) * p.g_w;
  pixel.image = int(image) * p.x_n;
  pixel.top = p.top + int(row_in_image) * STRIDE_H;
  pixel.left = p.left + int(column) * STRIDE_W;
  return pixel;
}

VALUE g_at(uint m, Pixel pixel) { return LOAD(g_of_group, int64_t(int(m) * p.g_c + pixel.g)); }

VALUE x_at(uint channel, uint i, uint j, Pixel pixel) {
  const int row = pixel.top + int(i) * DILATION_H, column = pixel.left + int(j) * DILATION_W;
  if (uint(row) >= uint(p.height) || uint(column) >= uint(p.width)) return VALUE(0);
  return LOAD(x_of_group,
              int64_t(pixel.image + int(channel) * p.x_c + row * p.x_h + column * p.x_w));
}

#endif  // TESSERA_VULKAN_CONV_WEIGHT_GLSL_
