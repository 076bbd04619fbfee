// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/conv_nd.h"

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/conv.h"
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

// Zeros before and after one dimension.
struct Sides {
  int64_t before = 0, after = 0;
};

// The padding of every dimension, kSame resolved.
template <class Extent, size_t n>
std::array<Sides, n> sides_of(std::string_view op, const ConvOptions<Extent>& o,
                              const Tensor& weight, const std::array<int64_t, n>& dilation) {
  std::array<Sides, n> sides;
  const std::array<int64_t, n> stride = sizes_of(o.stride);
  const std::array<int64_t, n> padding = sizes_of(o.padding.extent());
  for (size_t d = 0; d < n; ++d) {
    if (!o.padding.is_same()) {
      sides[d] = {padding[d], padding[d]};
      continue;
    }
    if (stride[d] != 1) refuse(op, "padding kSame wants stride 1, got ", to_string(stride));
    const int64_t both = dilation[d] * (weight.size(static_cast<int64_t>(d) + 2) - 1);
    sides[d] = {both / 2, both - both / 2};
  }
  return sides;
}

template <size_t n>
std::array<int64_t, n> totals(const std::array<Sides, n>& sides) {
  std::array<int64_t, n> both;
  for (size_t d = 0; d < n; ++d) both[d] = sides[d].before + sides[d].after;
  return both;
}

// The part of the padding that is no more before than after; the rest is added to x.
template <size_t n>
Tensor pad_rest(const Tensor& x, const std::array<Sides, n>& sides) {
  std::array<int64_t, 2 * n> rest = {};
  bool any = false;
  for (size_t d = 0; d < n; ++d) {
    rest[2 * (n - 1 - d) + 1] = sides[d].after - sides[d].before;
    any = any || sides[d].after != sides[d].before;
  }
  return any ? pad(x, rest) : x;
}

void check_ranks(std::string_view op, const Tensor& weight, size_t n) {
  if (weight.dim() != static_cast<int64_t>(n) + 2) {
    refuse(op, "weight must have ", n + 2, " dimensions, got ", weight.shape().to_string());
  }
}

// x, batched and padded where the sides differ, and the padding that is left for conv2d.
template <class Extent, size_t n>
struct Prepared {
  Batched batched;
  std::array<Sides, n> sides;
  std::array<int64_t, n> stride, dilation;
  Tensor x;

  Prepared(std::string_view op, const Tensor& input, const Tensor& weight, const Tensor& bias,
           const ConvOptions<Extent>& o)
      : batched(op, input, n), stride(sizes_of(o.stride)), dilation(sizes_of(o.dilation)) {
    check_ranks(op, weight, n);
    sides = sides_of<Extent, n>(op, o, weight, dilation);
    check_conv(op, batched.tensor(), weight, bias, stride, totals(sides), dilation, o.groups);
    x = pad_rest(batched.tensor(), sides);
  }
};

}  // namespace

Batched::Batched(std::string_view op, const Tensor& x, size_t n) {
  const int64_t rank = static_cast<int64_t>(n) + 2;
  if (x.dim() != rank && x.dim() != rank - 1) {
    refuse(op, "input must have ", rank - 1, " or ", rank, " dimensions, got ",
           x.shape().to_string());
  }
  added_ = x.dim() == rank - 1;
  x_ = added_ ? unsqueeze(x, 0) : x;
}

Tensor Batched::unbatched(const Tensor& y) const { return added_ ? squeeze(y, 0) : y; }

void check_least(std::string_view op, std::string_view what, Dims values, int64_t least) {
  for (int64_t value : values) {
    if (value < least) {
      refuse(op, what, least == 0 ? " must not be negative, got " : " must be positive, got ",
             to_string(values));
    }
  }
}

void check_bias(std::string_view op, const Tensor& bias, int64_t channels) {
  if (bias.defined() && bias.shape() != Shape{channels}) {
    refuse(op, "bias has shape ", bias.shape().to_string(), ", the output has ", channels,
           " channels");
  }
}

void check_conv(std::string_view op, const Tensor& x, const Tensor& weight, const Tensor& bias,
                Dims stride, Dims padding, Dims dilation, int64_t groups) {
  check_least(op, "stride", stride, 1);
  check_least(op, "padding", padding, 0);
  check_least(op, "dilation", dilation, 1);
  if (groups < 1) refuse(op, "groups must be positive, got ", groups);
  if (x.size(1) != weight.size(1) * groups) {
    refuse(op, "input has ", x.size(1), " channels, weight expects ", weight.size(1) * groups,
           ": input ", x.shape().to_string(), ", weight ", weight.shape().to_string(),
           groups == 1 ? "" : absl::StrCat(", groups ", groups));
  }
  if (weight.size(0) % groups != 0) {
    refuse(op, weight.size(0), " output channels do not divide into ", groups, " groups");
  }
  check_bias(op, bias, weight.size(0));
  for (size_t d = 0; d < stride.size(); ++d) {
    const int64_t dim = static_cast<int64_t>(d) + 2, size = x.size(dim) + padding[d];
    if (window_count(size, weight.size(dim), stride[d], dilation[d]) <= 0) {
      refuse(op, "kernel with dilation ", to_string(dilation),
             " is larger than the padded input: input ", x.shape().to_string(), ", weight ",
             weight.shape().to_string(), ", padding ", to_string(padding));
    }
  }
}

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv1dOptions& o) {
  const Prepared<int64_t, 1> p("conv1d", x, weight, bias, o);
  Tensor y = conv2d(unsqueeze(p.x, 2), unsqueeze(weight, 2), bias,
                    {.stride = {1, o.stride},
                     .padding = {0, p.sides[0].before},
                     .dilation = {1, o.dilation},
                     .groups = o.groups});
  return p.batched.unbatched(squeeze(y, 2));
}

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dOptions& o) {
  if (x.dim() != 3 && !o.padding.is_same()) return conv2d_of_batch(x, weight, bias, o);
  const Prepared<Pair, 2> p("conv2d", x, weight, bias, o);
  Tensor y = conv2d_of_batch(p.x, weight, bias,
                             {.stride = o.stride,
                              .padding = {p.sides[0].before, p.sides[1].before},
                              .dilation = o.dilation,
                              .groups = o.groups});
  return p.batched.unbatched(y);
}

// Every depth of the output is a plane whose channels are x's channels at every depth of the
// kernel.
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv3dOptions& o) {
  const Prepared<Triple, 3> p("conv3d", x, weight, bias, o);
  Tensor deep = pad_dim(p.x, 2, p.sides[0].before, p.sides[0].before);
  const int64_t n = deep.size(0), channels = deep.size(1), h = deep.size(3), w = deep.size(4);
  const int64_t kd = weight.size(2), kh = weight.size(3), kw = weight.size(4);
  // (N, C, H, W, od, kd)
  Tensor apart =
      windows(permute(deep, {0, 1, 3, 4, 2}), {kd}, {o.stride.depth}, {o.dilation.depth});
  const int64_t od = apart.size(4);
  Tensor planes = reshape(permute(apart, {0, 4, 1, 5, 2, 3}), {n * od, channels * kd, h, w});
  Tensor flat_weight = reshape(weight, {weight.size(0), weight.size(1) * kd, kh, kw});
  Tensor y = conv2d(planes, flat_weight, bias,
                    {.stride = {o.stride.height, o.stride.width},
                     .padding = {p.sides[1].before, p.sides[2].before},
                     .dilation = {o.dilation.height, o.dilation.width},
                     .groups = o.groups});
  return p.batched.unbatched(contiguous(permute(unflatten(y, 0, {n, od}), {0, 2, 1, 3, 4})));
}

}  // namespace tessera
