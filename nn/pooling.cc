// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/pooling.h"

#include "absl/strings/str_cat.h"
#include "tessera/nn/pair_text.h"

namespace tessera::nn {

Tensor MaxPool2d::forward(const Tensor& x) {
  if (x.dim() == 3) return forward(x.unsqueeze(0)).squeeze(0);
  return max_pool2d(x, kernel_size_, options_);
}

std::string MaxPool2d::extra_repr() const {
  return absl::StrCat("kernel_size=", short_pair_text(kernel_size_),
                      ", stride=", short_pair_text(options_.stride.value_or(kernel_size_)),
                      ", padding=", short_pair_text(options_.padding),
                      ", dilation=", short_pair_text(options_.dilation),
                      ", ceil_mode=", options_.ceil_mode ? "True" : "False");
}

Tensor AvgPool2d::forward(const Tensor& x) {
  if (x.dim() == 3) return forward(x.unsqueeze(0)).squeeze(0);
  return avg_pool2d(x, kernel_size_, options_);
}

std::string AvgPool2d::extra_repr() const {
  return absl::StrCat("kernel_size=", short_pair_text(kernel_size_),
                      ", stride=", short_pair_text(options_.stride.value_or(kernel_size_)),
                      ", padding=", short_pair_text(options_.padding));
}

}  // namespace tessera::nn
