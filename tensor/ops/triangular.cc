// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/triangular.h"

#include <algorithm>
#include <cstdlib>

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// (n, 1) row and (m) column numbers.
Tensor rows(int64_t n, const Device& device) {
  return unsqueeze(arange(n, {.dtype = kInt64, .device = device}), 1);
}
Tensor columns(int64_t m, const Device& device) {
  return arange(m, {.dtype = kInt64, .device = device});
}

Tensor zero_of(DType dtype) { return cast_immediate(0, dtype); }

// x (B.., k) on diagonal `offset` of zeros (B.., n, m), where k is that diagonal's length.
Tensor on_diagonal(const Tensor& x, int64_t n, int64_t m, int64_t offset) {
  const int64_t before = std::max<int64_t>(-offset, 0);
  const int64_t last = x.dim() - 1;
  Tensor column = unsqueeze(pad_dim(x, last, before, n - before - x.size(-1)), -1);
  Tensor on = eq(columns(m, x.device()), rows(n, x.device()) + offset);
  Shape shape = column.shape();
  shape[-1] = m;
  return where(on, expand(column, shape), zero_of(x.dtype()));
}

// The order of dimensions that brings the last two to dim1 and dim2 (not negative).
std::vector<int64_t> last_two_to(int rank, int64_t dim1, int64_t dim2) {
  std::vector<int64_t> order;
  for (int64_t d = 0, next = 0; d < rank; ++d) {
    order.push_back(d == dim1 ? rank - 2 : d == dim2 ? rank - 1 : next++);
  }
  return order;
}

int64_t diagonal_length(int64_t n, int64_t m, int64_t offset) {
  return std::max<int64_t>(
      std::min(n - std::max<int64_t>(-offset, 0), m - std::max<int64_t>(offset, 0)), 0);
}

// ints: offset, dim1, dim2
const OpDef kDiagonal = {
    .name = "diagonal",
    .infer =
        [](InferContext& c) {
          const Tensor& x = c.input(0);
          const int64_t offset = c.int_attribute(0);
          const int dim1 = static_cast<int>(c.int_attribute(1));
          const int dim2 = static_cast<int>(c.int_attribute(2));
          if (dim1 == dim2) return c.invalid("dim1 and dim2 are both ", dim1);
          const int64_t length = diagonal_length(x.shape()[dim1], x.shape()[dim2], offset);
          Shape shape;
          Strides strides;
          for (int d = 0; d < x.shape().rank(); ++d) {
            if (d == dim1 || d == dim2) continue;
            shape.push_back(x.shape()[d]);
            strides.push_back(x.strides()[d]);
          }
          shape.push_back(length);
          strides.push_back(x.strides()[dim1] + x.strides()[dim2]);
          int64_t start = x.storage_offset();
          if (length > 0)
            start += offset >= 0 ? offset * x.strides()[dim2] : -offset * x.strides()[dim1];
          c.set_view(std::move(shape), std::move(strides), start);
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Shape& shape = c.input_spec(0).shape;
          const int64_t offset = c.int_attribute(0), dim1 = c.int_attribute(1),
                        dim2 = c.int_attribute(2);
          const int64_t n = shape[static_cast<int>(dim1)], m = shape[static_cast<int>(dim2)];
          if (diagonal_length(n, m, offset) == 0) {
            return c.set(
                0, zeros(shape, {.dtype = c.input_spec(0).dtype, .device = c.grad().device()}));
          }
          Tensor matrices = on_diagonal(c.grad(), n, m, offset);
          c.set(0, permute(matrices, last_two_to(shape.rank(), dim1, dim2)));
        },
    .traits = kView,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{sample("Main", {arg({5, 7})}, {0, 0, 1}),
                                     sample("Above", {arg({5, 7})}, {3, 0, 1}),
                                     sample("Below", {arg({7, 5})}, {-4, 0, 1}),
                                     sample("OuterDims", {arg({3, 2, 5})}, {1, 2, 0}),
                                     sample("Beyond", {arg({2, 3})}, {3, 0, 1}),
                                     sample("Empty", {arg({0, 3})}, {0, 0, 1}),
                                     error_sample("OneDim", {arg({3, 3})}, {0, 1, 1})};
        },
};

}  // namespace

Tensor tril(const Tensor& x, int64_t diagonal) {
  check_min_rank("tril", x, 2);
  Tensor below = le(columns(x.size(-1), x.device()), rows(x.size(-2), x.device()) + diagonal);
  return where(below, x, zero_of(x.dtype()));
}

Tensor triu(const Tensor& x, int64_t diagonal) {
  check_min_rank("triu", x, 2);
  Tensor above = ge(columns(x.size(-1), x.device()), rows(x.size(-2), x.device()) + diagonal);
  return where(above, x, zero_of(x.dtype()));
}

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  check_min_rank("diagonal", x, 2);
  const int rank = x.shape().rank();
  return dispatch(
      kDiagonal, {&x},
      {offset, dim_or_raise("diagonal", dim1, rank), dim_or_raise("diagonal", dim2, rank)});
}

Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  check_min_rank("diag_embed", x, 1);
  const int rank = x.shape().rank() + 1;
  const int a = dim_or_raise("diag_embed", dim1, rank), b = dim_or_raise("diag_embed", dim2, rank);
  if (a == b) raise_invalid("diag_embed", "dim1 and dim2 are both ", a);
  const int64_t n = x.size(-1) + std::abs(offset);
  return permute(on_diagonal(x, n, n, offset), last_two_to(rank, a, b));
}

Tensor diag(const Tensor& x, int64_t diagonal) {
  if (x.dim() == 1) return diag_embed(x, diagonal);
  if (x.dim() == 2) return clone(tessera::diagonal(x, diagonal));
  raise_invalid("diag", "wants a vector or a matrix, got ", x.shape().to_string());
}

Tensor Tensor::tril(int64_t diagonal) const { return tessera::tril(*this, diagonal); }
Tensor Tensor::triu(int64_t diagonal) const { return tessera::triu(*this, diagonal); }
Tensor& Tensor::tril_(int64_t diagonal) {
  return update(*this, "tril_", {this}, [&] { return tril(diagonal); });
}
Tensor& Tensor::triu_(int64_t diagonal) {
  return update(*this, "triu_", {this}, [&] { return triu(diagonal); });
}
Tensor Tensor::diag(int64_t diagonal) const { return tessera::diag(*this, diagonal); }
Tensor Tensor::diagonal(int64_t offset, int64_t dim1, int64_t dim2) const {
  return tessera::diagonal(*this, offset, dim1, dim2);
}
Tensor Tensor::diag_embed(int64_t offset, int64_t dim1, int64_t dim2) const {
  return tessera::diag_embed(*this, offset, dim1, dim2);
}

absl::Span<const OpDef* const> triangular_ops() {
  static const OpDef* const kOps[] = {&kDiagonal};
  return kOps;
}

}  // namespace tessera
