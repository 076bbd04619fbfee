// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/nonzero.h"

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// The index along dimension d of each position.
std::vector<int64_t> coordinates(const std::vector<int64_t>& positions, const Shape& shape, int d) {
  int64_t inner = 1;
  for (int k = d + 1; k < shape.rank(); ++k) inner *= shape[k];
  std::vector<int64_t> result;
  result.reserve(positions.size());
  for (int64_t p : positions) result.push_back(p / inner % shape[d]);
  return result;
}

}  // namespace

std::vector<int64_t> nonzero_positions(const Tensor& x) {
  Tensor flags = x.dtype() == kBool ? x : ne(x, 0);
  const std::vector<uint8_t> bytes = flags.to_vector<uint8_t>();
  std::vector<int64_t> positions;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != 0) positions.push_back(static_cast<int64_t>(i));
  }
  return positions;
}

Tensor nonzero(const Tensor& x) {
  const std::vector<int64_t> positions = nonzero_positions(x);
  const int64_t n = static_cast<int64_t>(positions.size()), rank = x.dim();
  std::vector<int64_t> indices(static_cast<size_t>(n * rank));
  for (int d = 0; d < rank; ++d) {
    const std::vector<int64_t> column = coordinates(positions, x.shape(), d);
    for (int64_t i = 0; i < n; ++i)
      indices[static_cast<size_t>(i * rank + d)] = column[static_cast<size_t>(i)];
  }
  return tensor(indices, {n, rank}, {.dtype = kInt64, .device = x.device()});
}

std::vector<Tensor> where(const Tensor& condition) {
  if (condition.dim() == 0) return where(reshape(condition, {1}));
  const std::vector<int64_t> positions = nonzero_positions(condition);
  std::vector<Tensor> result;
  for (int d = 0; d < condition.shape().rank(); ++d) {
    result.push_back(tensor(coordinates(positions, condition.shape(), d),
                            {.dtype = kInt64, .device = condition.device()}));
  }
  return result;
}

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  if (mask.dtype() != kBool) {
    raise_invalid("masked_select", "mask must be bool, got ", dtype_name(mask.dtype()));
  }
  const Shape shape = broadcast_operands("masked_select", {&x, &mask});
  Tensor all = reshape(expand(x, shape), {shape.numel()});
  Tensor positions =
      tensor(nonzero_positions(expand(mask, shape)), {.dtype = kInt64, .device = x.device()});
  return index_select(all, 0, positions);
}

Tensor Tensor::nonzero() const { return tessera::nonzero(*this); }
Tensor Tensor::masked_select(const Tensor& mask) const {
  return tessera::masked_select(*this, mask);
}

}  // namespace tessera
