// SPDX-License-Identifier: Apache-2.0
//
// Putting tensors together, padding, reversing, repeating, and cutting apart. All are
// differentiable; the cuts are views.
#ifndef TESSERA_TENSOR_OPS_JOIN_H_
#define TESSERA_TENSOR_OPS_JOIN_H_

#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// The tensors one after another along `dim`. Shapes agree elsewhere; dtypes are promoted.
//   errors: kInvalidArgument if there is none, or shapes differ, with both
Tensor cat(absl::Span<const Tensor> tensors, int64_t dim = 0);
// The same along a new dimension.
Tensor stack(absl::Span<const Tensor> tensors, int64_t dim = 0);

// Adds `value` before and after each of the last dimensions: padding is {before, after} of the last
// dimension, then of the one before it ... (torch.nn.functional.pad). Negative: cuts off.
Tensor pad(const Tensor& x, Dims padding, double value = 0);
// Zeros before and after one dimension.
Tensor pad_dim(const Tensor& x, int64_t dim, int64_t before, int64_t after);

// Reversed along `dims`.
Tensor flip(const Tensor& x, Dims dims);
// Rotated by `shift` along `dim`: what is pushed out at the end comes in at the start.
Tensor roll(const Tensor& x, int64_t shift, int64_t dim);
// repeats[k] copies along dimension k; missing dimensions are added in front.
Tensor repeat(const Tensor& x, Dims repeats);

// Views: pieces of `size` (the last may be smaller); `chunks` pieces; one per index, dim dropped.
std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0);
std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_JOIN_H_
