// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/fold.h"

#include "absl/strings/str_cat.h"
#include "tessera/nn/extent_text.h"

namespace tessera::nn {
namespace {

std::string repr(Pair kernel_size, const FoldOptions& o) {
  return absl::StrCat("kernel_size=", short_text(kernel_size),
                      ", dilation=", short_text(o.dilation), ", padding=", short_text(o.padding),
                      ", stride=", short_text(o.stride));
}

}  // namespace

std::string Unfold::extra_repr() const { return repr(kernel_size_, options_); }

std::string Fold::extra_repr() const {
  return absl::StrCat("output_size=", short_text(output_size_), ", ", repr(kernel_size_, options_));
}

}  // namespace tessera::nn
