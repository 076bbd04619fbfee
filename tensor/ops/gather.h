// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing by index. Index tensors are int64 (int32 is converted).
//   errors: kOutOfRange for an index outside [0, size of dim), with the index and the size;
//           kInvalidArgument for shapes that do not fit, with both
// Differentiable in x and src.
#ifndef TESSERA_TENSOR_OPS_GATHER_H_
#define TESSERA_TENSOR_OPS_GATHER_H_

#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera {

// y[i..] = x[.., index[i..], ..] at dimension dim. index has x's rank and is nowhere larger than x
// but along dim; y has index's shape.
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);

// gather where x and index broadcast to each other beside dim; without dim, of both flattened.
Tensor take_along_dim(const Tensor& x, const Tensor& index,
                      std::optional<int64_t> dim = std::nullopt);

// x with [.., index[i..], ..] replaced by (or increased by) src[i..]. index is nowhere larger than
// src, nor than x but along dim. Where an index comes twice, the last in row-major order wins; sums
// are made in that order.
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);

// Slices of x along dim, in the order of index (one dimension).
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
// x with src's slices added to the slices that index names.
Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);

// (S) int64 classes -> (S, num_classes) int64 of zeros and ones. num_classes -1: the greatest + 1.
//   errors: kOutOfRange for a class outside [0, num_classes)
Tensor one_hot(const Tensor& classes, int64_t num_classes = -1);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_GATHER_H_
