// SPDX-License-Identifier: Apache-2.0
//
// Pooling over one and three dimensions, as two-dimensional pooling of dimensions put together.
// Windows are boxes, so that maxima and sums can be taken along one dimension after another.
#include <cmath>
#include <limits>

#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/conv_nd.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/pool.h"
#include "tessera/tensor/ops/pool_axis.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// x (N, C, D, H, W) with its planes side by side: (N, C D, H, W); and back, with planes of y's
// size.
Tensor planes_of(const Tensor& x) { return flatten(x, 1, 2); }
Tensor apart(const Tensor& y, const Tensor& x) { return unflatten(y, 1, {x.size(1), x.size(2)}); }

// Calls pool((N, C, D, H W)) and gives the result H and W back.
template <class Pool>
Tensor along_depth(const Tensor& x, Pool pool) {
  return unflatten(pool(flatten(x, 3, 4)), 3, {x.size(3), x.size(4)});
}

Pair area(Triple t) { return {t.height, t.width}; }
Pair depth(Triple t, int64_t other) { return {t.depth, other}; }

// ---- Indices -----------------------------------------------------------------------------------

// The places of the maxima of the windows over the last n dimensions of x (N, C, sizes..).
template <size_t n>
Tensor places(const Tensor& x, const std::array<PoolAxis, n>& axes) {
  std::array<int64_t, n> kernel, stride, dilation;
  std::array<int64_t, 2 * n> sides;
  Shape plane;
  for (size_t d = 0; d < n; ++d) {
    kernel[d] = axes[d].kernel;
    stride[d] = axes[d].stride;
    dilation[d] = axes[d].dilation;
    sides[2 * (n - 1 - d)] = axes[d].padding;
    sides[2 * (n - 1 - d) + 1] = axes[d].padding_after();
    plane.push_back(axes[d].size);
  }
  auto rows = [&](const Tensor& t) {
    Tensor w = windows(t, kernel, stride, dilation);
    return flatten(w, -static_cast<int64_t>(n), -1);
  };
  Tensor own = reshape(arange(plane.numel(), {.dtype = kInt64, .device = x.device()}), plane);
  Tensor index = rows(pad(own, sides, -1.0));  // (out.., kernel elements), -1 in the padding
  // Where all of a window is -inf, the first maximum may be padding; then the first element is it.
  Tensor first = amin(where(index < 0, std::numeric_limits<int64_t>::max(), index), {-1});
  Tensor at = argmax(rows(pad(x, sides, -kInfinity)), -1, true);
  Tensor found = squeeze(gather(expand(index, with_last(at.shape(), index.size(-1))), -1, at), -1);
  return where(found < 0, first, found);
}

template <class Extent, size_t n>
std::array<PoolAxis, n> axes_of(const Tensor& x, Extent kernel, const MaxPoolOptions<Extent>& o) {
  const auto k = sizes_of(kernel), stride = sizes_of(o.stride.value_or(kernel)),
             padding = sizes_of(o.padding), dilation = sizes_of(o.dilation);
  std::array<PoolAxis, n> axes;
  for (size_t d = 0; d < n; ++d) {
    axes[d] = {
        x.size(static_cast<int64_t>(d) + 2), k[d], stride[d], padding[d], dilation[d], o.ceil_mode};
  }
  return axes;
}

template <class Extent, size_t n>
std::pair<Tensor, Tensor> with_indices(
    const char* op, Tensor (*pool)(const Tensor&, Extent, const MaxPoolOptions<Extent>&),
    const Tensor& x, Extent kernel, const MaxPoolOptions<Extent>& o) {
  const Batched b(op, x, n);
  Tensor values = pool(b.tensor(), kernel, o);  // also checks the options
  Tensor indices = places(b.tensor(), axes_of<Extent, n>(b.tensor(), kernel, o));
  return {b.unbatched(values), b.unbatched(indices)};
}

// ---- Powers ------------------------------------------------------------------------------------

// The mean itself, with gradient 0 at 0, where the root's would be infinite.
Tensor root(const Tensor& mean, double norm_type, int64_t elements) {
  return pow(sign(mean) * relu(abs(mean)) * static_cast<double>(elements), 1 / norm_type);
}

}  // namespace

Tensor max_pool1d(const Tensor& x, int64_t kernel, const MaxPool1dOptions& o) {
  const Batched b("max_pool1d", x, 1);
  Tensor y = max_pool2d(unsqueeze(b.tensor(), 2), {1, kernel},
                        {.stride = Pair(1, o.stride.value_or(kernel)),
                         .padding = {0, o.padding},
                         .dilation = {1, o.dilation},
                         .ceil_mode = o.ceil_mode});
  return b.unbatched(squeeze(y, 2));
}

Tensor max_pool3d(const Tensor& x, Triple kernel, const MaxPool3dOptions& o) {
  const Batched b("max_pool3d", x, 3);
  const Triple stride = o.stride.value_or(kernel);
  Tensor flat = max_pool2d(planes_of(b.tensor()), area(kernel),
                           {.stride = area(stride),
                            .padding = area(o.padding),
                            .dilation = area(o.dilation),
                            .ceil_mode = o.ceil_mode});
  return b.unbatched(along_depth(apart(flat, b.tensor()), [&](const Tensor& t) {
    return max_pool2d(t, depth(kernel, 1),
                      {.stride = depth(stride, 1),
                       .padding = depth(o.padding, 0),
                       .dilation = depth(o.dilation, 1),
                       .ceil_mode = o.ceil_mode});
  }));
}

std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, int64_t kernel,
                                                  const MaxPool1dOptions& o) {
  return with_indices<int64_t, 1>("max_pool1d", max_pool1d, x, kernel, o);
}
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, Pair kernel,
                                                  const MaxPool2dOptions& o) {
  return with_indices<Pair, 2>("max_pool2d", max_pool2d, x, kernel, o);
}
std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& x, Triple kernel,
                                                  const MaxPool3dOptions& o) {
  return with_indices<Triple, 3>("max_pool3d", max_pool3d, x, kernel, o);
}

Tensor avg_pool1d(const Tensor& x, int64_t kernel, const AvgPool1dOptions& o) {
  const Batched b("avg_pool1d", x, 1);
  Tensor y = avg_pool2d(unsqueeze(b.tensor(), 2), {1, kernel},
                        {.stride = Pair(1, o.stride.value_or(kernel)),
                         .padding = {0, o.padding},
                         .ceil_mode = o.ceil_mode,
                         .count_include_pad = o.count_include_pad});
  return b.unbatched(squeeze(y, 2));
}

// The number of elements of a window is the product of the numbers along its dimensions.
Tensor avg_pool3d(const Tensor& x, Triple kernel, const AvgPool3dOptions& o) {
  const Batched b("avg_pool3d", x, 3);
  const Triple stride = o.stride.value_or(kernel);
  Tensor flat = avg_pool2d(planes_of(b.tensor()), area(kernel),
                           {.stride = area(stride),
                            .padding = area(o.padding),
                            .ceil_mode = o.ceil_mode,
                            .count_include_pad = o.count_include_pad,
                            .divisor_override = o.divisor_override == 0 ? 0 : 1});
  return b.unbatched(along_depth(apart(flat, b.tensor()), [&](const Tensor& t) {
    return avg_pool2d(t, depth(kernel, 1),
                      {.stride = depth(stride, 1),
                       .padding = depth(o.padding, 0),
                       .ceil_mode = o.ceil_mode,
                       .count_include_pad = o.count_include_pad,
                       .divisor_override = o.divisor_override});
  }));
}

Tensor lp_pool1d(const Tensor& x, double norm_type, int64_t kernel,
                 const LPPoolOptions<int64_t>& o) {
  return root(avg_pool1d(pow(x, norm_type), kernel, {.stride = o.stride, .ceil_mode = o.ceil_mode}),
              norm_type, kernel);
}
Tensor lp_pool2d(const Tensor& x, double norm_type, Pair kernel, const LPPoolOptions<Pair>& o) {
  return root(avg_pool2d(pow(x, norm_type), kernel, {.stride = o.stride, .ceil_mode = o.ceil_mode}),
              norm_type, kernel.height * kernel.width);
}
Tensor lp_pool3d(const Tensor& x, double norm_type, Triple kernel, const LPPoolOptions<Triple>& o) {
  return root(avg_pool3d(pow(x, norm_type), kernel, {.stride = o.stride, .ceil_mode = o.ceil_mode}),
              norm_type, kernel.depth * kernel.height * kernel.width);
}

}  // namespace tessera
