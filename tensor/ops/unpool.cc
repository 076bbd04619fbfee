// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/unpool.h"

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/conv_nd.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

template <class Extent>
Shape output_sizes(const char* op, const Tensor& x, const Extent& kernel,
                   const MaxUnpoolOptions<Extent>& o) {
  const auto k = sizes_of(kernel), stride = sizes_of(o.stride.value_or(kernel)),
             padding = sizes_of(o.padding);
  check_least(op, "kernel_size", k, 1);
  check_least(op, "stride", stride, 1);
  check_least(op, "padding", padding, 0);
  const size_t n = k.size(), given = o.output_size.size();
  if (given != 0 && given != n && given != n + 2) {
    raise_invalid(op, "output_size has ", given, " numbers, wants ", n, " or ", n + 2);
  }
  Shape sizes;
  for (size_t d = 0; d < n; ++d) {
    const int64_t size =
        (x.size(static_cast<int64_t>(d) + 2) - 1) * stride[d] - 2 * padding[d] + k[d];
    const int64_t wanted = given == 0 ? size : o.output_size[given - n + d];
    if (given != 0 && (wanted <= size - stride[d] || wanted >= size + stride[d])) {
      raise_invalid(op, "output_size ", wanted, " of dimension ", d + 2, " is not between ",
                    size - stride[d], " and ", size + stride[d]);
    }
    if (wanted < 1) raise_invalid(op, "the output's dimension ", d + 2, " has size ", wanted);
    sizes.push_back(wanted);
  }
  return sizes;
}

template <class Extent>
Tensor max_unpool(const char* op, const Tensor& x, const Tensor& indices, const Extent& kernel,
                  const MaxUnpoolOptions<Extent>& o) {
  check_floating(op, x);
  if (indices.dtype() != kInt64 || indices.shape() != x.shape()) {
    raise_invalid(op, "indices ", indices.shape().to_string(), " ", dtype_name(indices.dtype()),
                  " do not fit input ", x.shape().to_string());
  }
  const Batched b(op, x, sizes_of(kernel).size());
  const Shape sizes = output_sizes(op, b.tensor(), kernel, o);
  const int64_t batch = b.tensor().size(0), channels = b.tensor().size(1);
  Shape shape = {batch, channels};
  for (int64_t size : sizes) shape.push_back(size);
  // Each plane as a row: scatter refuses an index outside it.
  Tensor plane =
      zeros({batch, channels, sizes.numel()}, {.dtype = x.dtype(), .device = x.device()});
  const Shape rows = {batch, channels, b.tensor().numel() == 0 ? 0 : -1};
  Tensor filled = scatter(plane, 2, reshape(indices, rows), reshape(b.tensor(), rows));
  return b.unbatched(reshape(filled, shape));
}

}  // namespace

Tensor max_unpool1d(const Tensor& x, const Tensor& indices, int64_t kernel_size,
                    const MaxUnpool1dOptions& options) {
  return max_unpool("max_unpool1d", x, indices, kernel_size, options);
}
Tensor max_unpool2d(const Tensor& x, const Tensor& indices, Pair kernel_size,
                    const MaxUnpool2dOptions& options) {
  return max_unpool("max_unpool2d", x, indices, kernel_size, options);
}
Tensor max_unpool3d(const Tensor& x, const Tensor& indices, Triple kernel_size,
                    const MaxUnpool3dOptions& options) {
  return max_unpool("max_unpool3d", x, indices, kernel_size, options);
}

}  // namespace tessera
