// SPDX-License-Identifier: Apache-2.0
//
// Checks of what users pass to ops, and the errors that they throw.
#ifndef TESSERA_TENSOR_OPS_ARGUMENTS_H_
#define TESSERA_TENSOR_OPS_ARGUMENTS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// Throws Error "op: parts", put together by StrCat, with code kInvalidArgument or kOutOfRange.
template <class... Parts>
[[noreturn]] void raise_invalid(std::string_view op, const Parts&... parts) {
  raise_op_error(op, absl::InvalidArgumentError(absl::StrCat(parts...)));
}
template <class... Parts>
[[noreturn]] void raise_out_of_range(std::string_view op, const Parts&... parts) {
  raise_op_error(op, absl::OutOfRangeError(absl::StrCat(parts...)));
}

// `dim` in [0, rank), from [-rank, rank). Rank 0 counts as rank 1.
//   errors: kOutOfRange
int dim_or_raise(std::string_view op, int64_t dim, int rank);

// The same for several, in the order given.
//   errors: kOutOfRange; kInvalidArgument if one stands twice
std::vector<int64_t> dims_or_raise(std::string_view op, Dims dims, int rank);

//   errors: kInvalidArgument unless x is floating point
void check_floating(std::string_view op, const Tensor& x);

//   errors: kInvalidArgument unless x has at least `rank` dimensions
void check_min_rank(std::string_view op, const Tensor& x, int rank);

// An int32 index as int64, which ops take.
Tensor as_index(const Tensor& index);

// x's values, cut off from the tape: detach() for ops, which cannot count on //autograd.
Tensor without_gradient(const Tensor& x);

// What sums and products run over: x in `dtype`, by default its own, but int64 for integers and
// bool.
Tensor as_summand(const Tensor& x, std::optional<DType> dtype);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_ARGUMENTS_H_
