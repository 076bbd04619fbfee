// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/conv_transpose.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/conv.h"
#include "tessera/tensor/ops/conv_nd.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"

namespace tessera {
namespace {

template <class... Parts>
[[noreturn]] void refuse(std::string_view op, const Parts&... parts) {
  raise_op_error(op, absl::InvalidArgumentError(absl::StrCat(parts...)));
}

// What one dimension of a transposed convolution does to a size.
struct Axis {
  int64_t size, kernel, stride, padding, output_padding, dilation;

  int64_t full() const { return (size - 1) * stride + dilation * (kernel - 1) + 1; }
  int64_t out() const { return full() - 2 * padding + output_padding; }
};

template <class Extent, size_t n>
std::array<Axis, n> checked_axes(std::string_view op, const Tensor& x, const Tensor& weight,
                                 const Tensor& bias, const ConvTransposeOptions<Extent>& o) {
  const auto stride = sizes_of(o.stride), padding = sizes_of(o.padding),
             output_padding = sizes_of(o.output_padding), dilation = sizes_of(o.dilation);
  if (weight.dim() != static_cast<int64_t>(n) + 2) {
    refuse(op, "weight must have ", n + 2, " dimensions, got ", weight.shape().to_string());
  }
  check_least(op, "stride", stride, 1);
  check_least(op, "padding", padding, 0);
  check_least(op, "output_padding", output_padding, 0);
  check_least(op, "dilation", dilation, 1);
  if (o.groups < 1) refuse(op, "groups must be positive, got ", o.groups);
  if (x.size(1) != weight.size(0)) {
    refuse(op, "input has ", x.size(1), " channels, weight expects ", weight.size(0), ": input ",
           x.shape().to_string(), ", weight ", weight.shape().to_string());
  }
  if (x.size(1) % o.groups != 0) {
    refuse(op, x.size(1), " input channels do not divide into ", o.groups, " groups");
  }
  check_bias(op, bias, weight.size(1) * o.groups);
  std::array<Axis, n> axes;
  for (size_t d = 0; d < n; ++d) {
    const int64_t dim = static_cast<int64_t>(d) + 2;
    axes[d] = {x.size(dim), weight.size(dim),  stride[d],
               padding[d],  output_padding[d], dilation[d]};
    if (output_padding[d] >= std::max(stride[d], dilation[d])) {
      refuse(op, "output_padding ", to_string(output_padding), " must be below stride ",
             to_string(stride), " or dilation ", to_string(dilation));
    }
    if (axes[d].size < 1 || axes[d].out() < 1) {
      refuse(op, "the output has no elements: input ", x.shape().to_string(), ", weight ",
             weight.shape().to_string(), ", padding ", to_string(padding));
    }
  }
  return axes;
}

// (N, C, h, w) and (C, O / groups, kh, kw) -> (N, O, oh, ow)
Tensor transpose2d(const Tensor& x, const Tensor& weight, Axis h, Axis w, int64_t groups) {
  // An output_padding of a stride and more: so many rows of zeros behind the input reach as far.
  const int64_t more_h = h.output_padding / h.stride, more_w = w.output_padding / w.stride;
  Tensor input = more_h == 0 && more_w == 0 ? x : pad(x, {0, more_w, 0, more_h});
  return conv2d_backward_input(input, weight, {h.out(), w.out()},
                               {.stride = {h.stride, w.stride},
                                .padding = {h.padding, w.padding},
                                .dilation = {h.dilation, w.dilation},
                                .groups = groups});
}

Tensor with_bias(const Tensor& y, const Tensor& bias) {
  if (!bias.defined()) return y;
  Shape shape(static_cast<size_t>(y.dim()) - 1, 1);
  shape[0] = bias.size(0);
  return y + reshape(bias, shape);
}

constexpr Axis kUnit = {1, 1, 1, 0, 0, 1};

}  // namespace

Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose1dOptions& o) {
  const Batched b("conv_transpose1d", x, 1);
  auto [axis] = checked_axes<int64_t, 1>("conv_transpose1d", b.tensor(), weight, bias, o);
  Tensor y = transpose2d(unsqueeze(b.tensor(), 2), unsqueeze(weight, 2), kUnit, axis, o.groups);
  return b.unbatched(with_bias(squeeze(y, 2), bias));
}

Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose2dOptions& o) {
  const Batched b("conv_transpose2d", x, 2);
  auto [h, w] = checked_axes<Pair, 2>("conv_transpose2d", b.tensor(), weight, bias, o);
  return b.unbatched(with_bias(transpose2d(b.tensor(), weight, h, w, o.groups), bias));
}

// Every plane of the input makes one plane for every depth of the kernel, as channels; overlapping
// depths are added up.
Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose3dOptions& o) {
  const Batched b("conv_transpose3d", x, 3);
  auto [d, h, w] = checked_axes<Triple, 3>("conv_transpose3d", b.tensor(), weight, bias, o);
  const Tensor& input = b.tensor();
  const int64_t n = input.size(0), channels = input.size(1), out = weight.size(1) * o.groups;
  Tensor planes = reshape(permute(input, {0, 2, 1, 3, 4}), {n * d.size, channels, h.size, w.size});
  Tensor flat_weight = reshape(weight, {channels, weight.size(1) * d.kernel, h.kernel, w.kernel});
  Tensor y = transpose2d(planes, flat_weight, h, w, o.groups);  // (N D, O kd, oh, ow)
  Tensor apart = permute(reshape(y, {n, d.size, out, d.kernel, h.out(), w.out()}),
                         {0, 2, 4, 5, 1, 3});  // (N, O, oh, ow, D, kd)
  Tensor deep = fold_windows(apart, {d.full()}, {d.stride}, {d.dilation});
  Tensor cut = pad_dim(deep, 4, -d.padding, d.output_padding - d.padding);
  return b.unbatched(with_bias(contiguous(permute(cut, {0, 1, 4, 2, 3})), bias));
}

}  // namespace tessera
