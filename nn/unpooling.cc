// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/unpooling.h"

#include "absl/strings/str_cat.h"
#include "tessera/nn/extent_text.h"

namespace tessera::nn {
namespace {

Tensor unpool(const Tensor& x, const Tensor& i, int64_t k, const MaxUnpool1dOptions& o) {
  return max_unpool1d(x, i, k, o);
}
Tensor unpool(const Tensor& x, const Tensor& i, Pair k, const MaxUnpool2dOptions& o) {
  return max_unpool2d(x, i, k, o);
}
Tensor unpool(const Tensor& x, const Tensor& i, Triple k, const MaxUnpool3dOptions& o) {
  return max_unpool3d(x, i, k, o);
}

}  // namespace

template <class Extent>
Tensor MaxUnpoolOf<Extent>::forward(const Tensor& x, const Tensor& indices,
                                    const Shape& output_size) {
  return unpool(x, indices, kernel_size_,
                {.stride = options_.stride,
                 .padding = options_.padding,
                 .output_size = {output_size.begin(), output_size.end()}});
}

template <class Extent>
std::string MaxUnpoolOf<Extent>::extra_repr() const {
  return absl::StrCat("kernel_size=", tuple_text(kernel_size_),
                      ", stride=", tuple_text(options_.stride.value_or(kernel_size_)),
                      ", padding=", tuple_text(options_.padding));
}

template class MaxUnpoolOf<int64_t>;
template class MaxUnpoolOf<Pair>;
template class MaxUnpoolOf<Triple>;

}  // namespace tessera::nn
