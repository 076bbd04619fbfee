// SPDX-License-Identifier: Apache-2.0
//
// A product over windows of images, which convolutions and their gradients for the input are:
//
//   y[n, g m + o, r, s] = bias[g m + o] + sum over c, i, j of
//       w[g, o, c, i, j] x[n, g channels + c, top + r STRIDE_H + i DILATION_H,
//                                             left + s STRIDE_W + j DILATION_W]
//
// for groups g, outputs o < m, channels c and taps i < KERNEL_H, j < KERNEL_W; x is 0 outside of
// the image. As a product of matrices: A (m, channels KERNEL_H KERNEL_W) holds w, the columns of B
// are the pixels (n, r, s). conv_product.h fills this in.
#ifndef TESSERA_VULKAN_CONV_GLSL_
#define TESSERA_VULKAN_CONV_GLSL_

#include "types.glsl"

layout(constant_id = 9) const uint KERNEL_H = 3;
layout(constant_id = 10) const uint KERNEL_W = 3;
layout(constant_id = 11) const int STRIDE_H = 1;
layout(constant_id = 12) const int STRIDE_W = 1;
layout(constant_id = 13) const int DILATION_H = 1;
layout(constant_id = 14) const int DILATION_W = 1;
const uint TAPS = KERNEL_H * KERNEL_W;

layout(push_constant, scalar) uniform Push {
  uint64_t x, w;
  uint64_t bias;           // (groups m); 0: none
  uint64_t y;              // or partial sums
  int x_n, x_c, x_h, x_w;  // strides in elements
  int w_o, w_c, w_h, w_w, w_group;
  int y_o, y_h, y_w;
  int bias_stride;
  uint m, channels;  // of a group
  uint images, rows, columns;
  int height, width;  // of x
  int top, left;
  uint groups;
  uint chunk;  // of the depth in each split
}
p;

uint pixels() { return p.images * p.rows * p.columns; }

// Set before an element is read: x and w of the work group's group.
uint64_t x_of_group, w_of_group;

void enter_group(uint group) {
  x_of_group = element(p.x, int64_t(int(group * p.channels) * p.x_c), SIZE);
  w_of_group = element(p.w, int64_t(int(group) * p.w_group), SIZE);
}

// A pixel (n, r, s), as its place in x and as its place in y.
struct Pixel {
  int image;  // where x's image begins
  int top, left;
  int y;
};

Pixel pixel_of(uint index) {
  const uint row = index / p.columns, column = index - row * p.columns;
  const uint image = row / p.rows, row_in_image = row - image * p.rows;
  Pixel pixel;
  pixel.image = int(image) * p.x_n;
  pixel.top = p.top + int(row_in_image) * STRIDE_H;
  pixel.left = p.left + int(column) * STRIDE_W;
  pixel.y = int(image * p.groups * p.m) * p.y_o + int(row_in_image) * p.y_h + int(column) * p.y_w;
  return pixel;
}

// A depth (c, i, j), as its place in w and as its way from a pixel.
struct Tap {
  int channel;  // from x's image
  int down, right;
  int w;
};

Tap tap_of(uint index) {
  const uint channel = index / TAPS, in_channel = index - channel * TAPS;
  const uint i = in_channel / KERNEL_W, j = in_channel - i * KERNEL_W;
  Tap tap;
  tap.channel = int(channel) * p.x_c;
  tap.down = int(i) * DILATION_H;
  tap.right = int(j) * DILATION_W;
  tap.w = int(channel) * p.w_c + int(i) * p.w_h + int(j) * p.w_w;
  return tap;
}

VALUE x_at(Pixel pixel, Tap tap) {
  const int row = pixel.top + tap.down, column = pixel.left + tap.right;
  if (uint(row) >= uint(p.height) || uint(column) >= uint(p.width)) return VALUE(0);
  return LOAD(x_of_group, int64_t(pixel.image + tap.channel + row * p.x_h + column * p.x_w));
}

VALUE w_at(int row, Tap tap) { return LOAD(w_of_group, int64_t(row + tap.w)); }

VALUE bias_at(uint output_of_all) {
  if (p.bias == 0) return VALUE(0);
  return LOAD(p.bias, int64_t(int(output_of_all) * p.bias_stride));
}

#endif  // TESSERA_VULKAN_CONV_GLSL_
