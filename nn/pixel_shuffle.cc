// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/pixel_shuffle.h"

#include "absl/strings/str_cat.h"
#include "tessera/nn/functional.h"

namespace tessera::nn {

Tensor PixelShuffle::forward(const Tensor& x) {
  return functional::pixel_shuffle(x, upscale_factor_);
}
std::string PixelShuffle::extra_repr() const {
  return absl::StrCat("upscale_factor=", upscale_factor_);
}

Tensor PixelUnshuffle::forward(const Tensor& x) {
  return functional::pixel_unshuffle(x, downscale_factor_);
}
std::string PixelUnshuffle::extra_repr() const {
  return absl::StrCat("downscale_factor=", downscale_factor_);
}

Tensor ChannelShuffle::forward(const Tensor& x) { return functional::channel_shuffle(x, groups_); }
std::string ChannelShuffle::extra_repr() const { return absl::StrCat("groups=", groups_); }

}  // namespace tessera::nn
