// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/padding.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/nn/python_text.h"

namespace tessera::nn {
namespace {

template <size_t n>
std::string text(const Sides<n>& sides) {
  return absl::StrCat("(", absl::StrJoin(sides.values(), ", "), ")");
}

}  // namespace

template <size_t n, PadMode mode>
Tensor PadOf<n, mode>::forward(const Tensor& x) {
  return pad(x, padding_.values(), mode);
}

template <size_t n, PadMode mode>
std::string PadOf<n, mode>::extra_repr() const {
  return text(padding_);
}

template <size_t n>
Tensor ConstantPadOf<n>::forward(const Tensor& x) {
  return pad(x, padding_.values(), PadMode::kConstant, value_);
}

template <size_t n>
std::string ConstantPadOf<n>::extra_repr() const {
  return absl::StrCat("padding=", text(padding_), ", value=", python_text(value_));
}

#define TESSERA_PAD_OF(n)                       \
  template class PadOf<n, PadMode::kReflect>;   \
  template class PadOf<n, PadMode::kReplicate>; \
  template class PadOf<n, PadMode::kCircular>;  \
  template class PadOf<n, PadMode::kConstant>;  \
  template class ConstantPadOf<n>
TESSERA_PAD_OF(1);
TESSERA_PAD_OF(2);
TESSERA_PAD_OF(3);
#undef TESSERA_PAD_OF

}  // namespace tessera::nn
