// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/fold.h"

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/conv_nd.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"

namespace tessera {
namespace {

template <class... Parts>
[[noreturn]] void refuse(std::string_view op, const Parts&... parts) {
  raise_op_error(op, absl::InvalidArgumentError(absl::StrCat(parts...)));
}

// How many windows an image of `size` has along each dimension.
Pair window_counts(std::string_view op, Pair size, Pair kernel, const FoldOptions& o) {
  check_least(op, "kernel_size", sizes_of(kernel), 1);
  check_least(op, "stride", sizes_of(o.stride), 1);
  check_least(op, "dilation", sizes_of(o.dilation), 1);
  check_least(op, "padding", sizes_of(o.padding), 0);
  const Pair counts = {window_count(size.height + 2 * o.padding.height, kernel.height,
                                    o.stride.height, o.dilation.height),
                       window_count(size.width + 2 * o.padding.width, kernel.width, o.stride.width,
                                    o.dilation.width)};
  if (counts.height < 1 || counts.width < 1) {
    refuse(op, "kernel (", kernel.height, ", ", kernel.width, ") with dilation (",
           o.dilation.height, ", ", o.dilation.width, ") is larger than the padded image: (",
           size.height, ", ", size.width, ") and padding (", o.padding.height, ", ",
           o.padding.width, ")");
  }
  return counts;
}

}  // namespace

Tensor unfold(const Tensor& x, Pair kernel, const FoldOptions& o) {
  const Batched b("unfold", x, 2);
  const Tensor& image = b.tensor();
  const Pair counts = window_counts("unfold", {image.size(2), image.size(3)}, kernel, o);
  Tensor padded =
      o.padding == Pair(0)
          ? image
          : pad(image, {o.padding.width, o.padding.width, o.padding.height, o.padding.height});
  Tensor apart = windows(padded, {kernel.height, kernel.width}, {o.stride.height, o.stride.width},
                         {o.dilation.height, o.dilation.width});  // (N, C, oh, ow, kh, kw)
  return b.unbatched(reshape(
      permute(apart, {0, 1, 4, 5, 2, 3}),
      {image.size(0), image.size(1) * kernel.height * kernel.width, counts.height * counts.width}));
}

Tensor fold(const Tensor& x, Pair size, Pair kernel, const FoldOptions& o) {
  const Batched b("fold", x, 1);
  const Tensor& columns = b.tensor();
  const Pair counts = window_counts("fold", size, kernel, o);
  const int64_t taps = kernel.height * kernel.width;
  if (columns.size(1) % taps != 0 || columns.size(2) != counts.height * counts.width) {
    refuse("fold", "wants rows that kernel (", kernel.height, ", ", kernel.width, ") divides and ",
           counts.height, " x ", counts.width, " columns for an image of (", size.height, ", ",
           size.width, "), got ", x.shape().to_string());
  }
  const int64_t channels = columns.size(1) / taps;
  Tensor apart = permute(reshape(columns, {columns.size(0), channels, kernel.height, kernel.width,
                                           counts.height, counts.width}),
                         {0, 1, 4, 5, 2, 3});
  Tensor padded =
      fold_windows(apart, {size.height + 2 * o.padding.height, size.width + 2 * o.padding.width},
                   {o.stride.height, o.stride.width}, {o.dilation.height, o.dilation.width});
  if (o.padding == Pair(0)) return b.unbatched(padded);
  return b.unbatched(
      pad(padded, {-o.padding.width, -o.padding.width, -o.padding.height, -o.padding.height}));
}

}  // namespace tessera
