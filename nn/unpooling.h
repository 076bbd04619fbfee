// SPDX-License-Identifier: Apache-2.0
//
// Max pooling undone, as torch.nn's MaxUnpool layers.
//
//   nn::MaxPool2d pool(2);
//   nn::MaxUnpool2d unpool(2);
//   auto [values, indices] = pool.forward_with_indices(x);
//   Tensor sparse = unpool(values, indices, x.shape());
//
//   shape, dtype, errors: as tensor/ops/unpool.h; the errors are thrown by forward
#ifndef TESSERA_NN_UNPOOLING_H_
#define TESSERA_NN_UNPOOLING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/unpool.h"

namespace tessera::nn {

template <class Extent>
struct MaxUnpoolLayerOptions {
  std::optional<Extent> stride = std::nullopt;  // the kernel size
  Extent padding = 0;
};

// The third argument is the output's shape or the part of it behind (N, C); {}: as the options
// give it.
template <class Extent>
class MaxUnpoolOf
    : public ModuleOf<Tensor(const Tensor& x, const Tensor& indices, const Shape& output_size)> {
 public:
  explicit MaxUnpoolOf(Extent kernel_size, const MaxUnpoolLayerOptions<Extent>& options = {})
      : kernel_size_(kernel_size), options_(options) {}

  using ModuleOf::operator();
  Tensor operator()(const Tensor& x, const Tensor& indices) { return (*this)(x, indices, Shape()); }
  Tensor forward(const Tensor& x, const Tensor& indices, const Shape& output_size) override;
  std::string extra_repr() const override;

 private:
  Extent kernel_size_;
  MaxUnpoolLayerOptions<Extent> options_;
};

struct MaxUnpool1d : MaxUnpoolOf<int64_t> {
  using MaxUnpoolOf::MaxUnpoolOf;
};
struct MaxUnpool2d : MaxUnpoolOf<Pair> {
  using MaxUnpoolOf::MaxUnpoolOf;
};
struct MaxUnpool3d : MaxUnpoolOf<Triple> {
  using MaxUnpoolOf::MaxUnpoolOf;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_UNPOOLING_H_
