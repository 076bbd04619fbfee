// SPDX-License-Identifier: Apache-2.0
//
// Distinct values.
#ifndef TESSERA_TENSOR_OPS_UNIQUE_H_
#define TESSERA_TENSOR_OPS_UNIQUE_H_

#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera {

struct UniqueOptions {
  bool return_inverse = false;
  bool return_counts = false;
  std::optional<int64_t> dim = std::nullopt;
};

// `inverse` and `counts` (int64) are undefined unless asked for.
struct UniqueResult {
  Tensor values;
  Tensor inverse;  // the place in `values` of every element of x, or of every slice along `dim`
  Tensor counts;   // how often each of `values` comes
};

// The distinct elements of x, ascending, or its distinct slices along `dim`, in lexicographic
// order. Every nan is distinct.
//   shape:  values (n), inverse as x, counts (n); with dim values as x but n along dim, inverse
//           (x.size(dim)), counts (n)
//   errors: kOutOfRange for a dimension outside the tensor
// unique_consecutive compares neighbours only: values and slices stay in x's order, and come again
// where they come again after others. Both wait for the device. Not differentiable.
UniqueResult unique(const Tensor& x, const UniqueOptions& options = {});
UniqueResult unique_consecutive(const Tensor& x, const UniqueOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_UNIQUE_H_
