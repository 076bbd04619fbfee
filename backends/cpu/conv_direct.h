// SPDX-License-Identifier: Apache-2.0
//
// Convolutions of stride 1, dilation 1 and one group, in float32, on one image at a time.
//
// The image is copied into a zero-padded one whose rows stand `pitch` apart. Output (oy, ox) then
// stands at the flat position p = oy * pitch + ox of its plane and is the sum over taps
// k = (channel, ky, kx) of weight[k] * padded[p + offset[k]]: for consecutive p contiguous vectors,
// across rows too. The positions at the end of a row that are no outputs are computed and dropped;
// so that they are few, the zeros to the right of a row are those to the left of the next one.
#ifndef TESSERA_BACKENDS_CPU_CONV_DIRECT_H_
#define TESSERA_BACKENDS_CPU_CONV_DIRECT_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

struct DirectConv {
  int64_t channels, height, width;  // input
  int64_t outputs, out_height, out_width;
  int64_t kernel_height, kernel_width;
  int64_t pad_height, pad_width;

  int64_t pitch() const { return width + (pad_width < kernel_width ? pad_width : 2 * pad_width); }
  int64_t plane() const { return (height + 2 * pad_height) * pitch(); }
  int64_t taps() const { return channels * kernel_height * kernel_width; }
  int64_t positions() const { return out_height * pitch(); }
};

// What is read behind the last position: zeros where they stand for padding, then anything.
inline constexpr int64_t kDirectSlack = 256;

// Where outputs go: y (outputs, out_height, out_width) plus bias, or what `pool` makes of each
// channel's rows (PoolRows::forward_relu): y and place (outputs, out_height / 2, out_width / 2).
struct DirectConvTarget {
  const float* bias;  // or null
  float* y;
  uint8_t* place = nullptr;
  void (*pool)(const float* x, int64_t pitch, int64_t rows, int64_t n, float bias, float* y,
               uint8_t* place) = nullptr;
};

// What a weight's gradient is summed over: images, and in each of them pieces of contiguous
// positions. Pieces are the rows of outputs where these fill vectors, or else the whole plane in
// one piece of positions(), with zeros in g where there is no output.
struct DirectGradient {
  const float* padded;
  int64_t padded_image, padded_piece;  // floats from one to the next
  const float* g;
  int64_t g_image, g_plane, g_piece;
  int64_t images, pieces, length;
};

struct DirectConvKernels {
  // Output channels that are computed together. packed_weights has groups of so many, the last one
  // cut into powers of two.
  int64_t rows;
  int64_t lanes;
  // Copies planes (n, height, width) into planes of rows `pitch` apart. `to` points to where the
  // first element goes. Writes zeros up to a vector's length behind each row.
  void (*spread)(const float* from, int64_t n, int64_t height, int64_t width, float* to,
                 int64_t pitch, int64_t plane);
  // Outputs [first, last). `weights`: packed, of output `first` on; `offsets`: taps(); `buffer`:
  // buffer_floats().
  void (*convolve)(const DirectConv& conv, const float* padded, const float* weights,
                   const int64_t* offsets, const DirectConvTarget& to, int64_t first, int64_t last,
                   float* buffer);
  size_t (*buffer_floats)(const DirectConv& conv);
  // gw (outputs, taps) += the sum over images and positions of g[o][p] * padded[p + offset[k]].
  void (*weight_gradient)(const DirectConv& conv, const DirectGradient& gradient,
                          const int64_t* offsets, float* gw);
};

const DirectConvKernels& direct_conv_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_CONV_DIRECT_H_
