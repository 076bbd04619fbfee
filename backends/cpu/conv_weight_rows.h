// SPDX-License-Identifier: Apache-2.0
//
// The weight's gradient of convolutions of stride 1, dilation 1 and one group, in float32, for many
// input channels. The image is turned around so that a vector holds one pixel's channels; each such
// vector times the broadcast gradients of several outputs is what the pixel adds to their weights.
// No lane is idle at the end of a row, and no sum runs across lanes.
#ifndef TESSERA_BACKENDS_CPU_CONV_WEIGHT_ROWS_H_
#define TESSERA_BACKENDS_CPU_CONV_WEIGHT_ROWS_H_

#include <cstdint>

namespace tessera::cpu {

// Channels stand in blocks of `lanes`; the last block is filled up with zeros.
struct ConvWeight {
  int64_t channels, height, width;  // input
  int64_t outputs, out_height, out_width;
  int64_t kernel_height, kernel_width;
  int64_t pad_height, pad_width;

  int64_t pitch() const { return width + 2 * pad_width; }                 // pixels
  int64_t pixels() const { return (height + 2 * pad_height) * pitch(); }  // of a padded image
  int64_t taps() const { return kernel_height * kernel_width; }
};

struct ConvWeightRows {
  int64_t lanes;
  // x (channels, height, width) -> to (blocks, padded height, pitch, lanes). Writes neither the
  // padding nor the lanes of channels that there are not; both have to be zero.
  void (*turn)(const ConvWeight& conv, const float* x, float* to);
  // sums (taps, outputs, lanes) += what one image adds, for one block of channels: `turned`
  // (padded height, pitch, lanes) and outputs [first, last) of g (outputs, out_height, out_width).
  void (*accumulate)(const ConvWeight& conv, const float* turned, const float* g, int64_t first,
                     int64_t last, float* sums);
};

const ConvWeightRows& conv_weight_rows();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_CONV_WEIGHT_ROWS_H_
