// SPDX-License-Identifier: Apache-2.0
//
// Putting tensors together, padding, reversing, repeating, and cutting apart. All are
// differentiable; the cuts are views.
#ifndef TESSERA_TENSOR_OPS_JOIN_H_
#define TESSERA_TENSOR_OPS_JOIN_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// The tensors one after another along `dim`. Shapes agree elsewhere; dtypes are promoted. A tensor
// of shape [0] fits any others.
//   errors: kInvalidArgument if there is none, or shapes differ, with both
Tensor cat(absl::Span<const Tensor> tensors, int64_t dim = 0);
// The same along a new dimension.
Tensor stack(absl::Span<const Tensor> tensors, int64_t dim = 0);
// Side by side (along dimension 1, of vectors 0) and one above the other (along dimension 0,
// vectors as rows). Rank 0 counts as a vector of one element.
Tensor hstack(absl::Span<const Tensor> tensors);
Tensor vstack(absl::Span<const Tensor> tensors);

// Adds `value` before and after each of the last dimensions: padding is {before, after} of the last
// dimension, then of the one before it ... (torch.nn.functional.pad). Negative: cuts off.
Tensor pad(const Tensor& x, Dims padding, double value = 0);
// Zeros before and after one dimension.
Tensor pad_dim(const Tensor& x, int64_t dim, int64_t before, int64_t after);

// Reversed along `dims`.
Tensor flip(const Tensor& x, Dims dims);
// Rotated by `shift` along `dim`: what is pushed out at the end comes in at the start.
Tensor roll(const Tensor& x, int64_t shift, int64_t dim);
Tensor roll(const Tensor& x, Dims shifts, Dims dims);  // one after the other
Tensor roll(const Tensor& x, int64_t shift);           // as one vector, in row-major order
// repeats[k] copies along dimension k; missing dimensions are added in front.
Tensor repeat(const Tensor& x, Dims repeats);
// repeat, where missing repeats in front are 1.
Tensor tile(const Tensor& x, Dims repeats);
// Each element `repeats` times, one after the other, along `dim`; without one, of the flattened
// tensor. A tensor of repeats (integer, one for all or one per index of `dim`) waits for the
// device.
//   errors: kInvalidArgument for negative repeats, or as many as fit neither
Tensor repeat_interleave(const Tensor& x, int64_t repeats,
                         std::optional<int64_t> dim = std::nullopt);
Tensor repeat_interleave(const Tensor& x, const Tensor& repeats,
                         std::optional<int64_t> dim = std::nullopt);

// Views: pieces of `size` (the last may be smaller); of given sizes, which add up to the
// dimension's; `chunks` pieces; one per index, dim dropped. In C++ split(x, {2}) is split(x, 2).
std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0);
std::vector<Tensor> split(const Tensor& x, Dims sizes, int64_t dim = 0);
std::vector<Tensor> split_with_sizes(const Tensor& x, Dims sizes, int64_t dim = 0);
std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_JOIN_H_
