// SPDX-License-Identifier: Apache-2.0
//
// Shape and dtype rules that several ops share.
#ifndef TESSERA_TENSOR_OPS_INFER_H_
#define TESSERA_TENSOR_OPS_INFER_H_

#include "tessera/tensor/op_def.h"

namespace tessera {

// Output: the inputs' common dtype and shape (immediates have no shape of their own). Refuses
// inputs that differ; the public functions have promoted and expanded them.
absl::Status infer_elementwise(InferContext& context);

// As infer_elementwise, for kFloating only.
absl::Status infer_elementwise_floating(InferContext& context);

// As infer_elementwise, but the output is bool.
absl::Status infer_compare(InferContext& context);

// bool inputs, bool output.
absl::Status infer_logical(InferContext& context);

// int32, int64 or uint8.
absl::Status infer_elementwise_integer(InferContext& context);

// "float32 or float64 ..., got bool": a status if input i is not floating point.
absl::Status check_floating_point(const InferContext& context, int i);

// A status if input i has not the given rank.
absl::Status check_rank(const InferContext& context, int i, int rank, std::string_view name);

// A status if inputs i and j differ in dtype.
absl::Status check_same_dtype(const InferContext& context, int i, int j);

// A status if input i is not of `dtype`.
absl::Status check_dtype(const InferContext& context, int i, DType dtype, std::string_view name);

#define TESSERA_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (absl::Status _status = (expression); !_status.ok()) return _status; \
  } while (false)

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_INFER_H_
