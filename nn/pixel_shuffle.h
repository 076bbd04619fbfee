// SPDX-License-Identifier: Apache-2.0
//
// PixelShuffle and PixelUnshuffle, as torch.nn's: channels to pixels and back; ChannelShuffle:
// channels among themselves. The functions, with shapes and errors, are in nn/functional.h.
#ifndef TESSERA_NN_PIXEL_SHUFFLE_H_
#define TESSERA_NN_PIXEL_SHUFFLE_H_

#include <cstdint>
#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

// (B.., C r^2, H, W) -> (B.., C, H r, W r), r the upscale factor
class PixelShuffle : public Module {
 public:
  explicit PixelShuffle(int64_t upscale_factor) : upscale_factor_(upscale_factor) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t upscale_factor_;
};

// (B.., C, H r, W r) -> (B.., C r^2, H, W), r the downscale factor
class PixelUnshuffle : public Module {
 public:
  explicit PixelUnshuffle(int64_t downscale_factor) : downscale_factor_(downscale_factor) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t downscale_factor_;
};

// channel_shuffle of nn/functional.h.
class ChannelShuffle : public Module {
 public:
  explicit ChannelShuffle(int64_t groups) : groups_(groups) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t groups_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_PIXEL_SHUFFLE_H_
