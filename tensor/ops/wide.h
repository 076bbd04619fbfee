// SPDX-License-Identifier: Apache-2.0
//
// The dtype that sums over float16 and bfloat16 are computed in, for decompositions.
#ifndef TESSERA_TENSOR_OPS_WIDE_H_
#define TESSERA_TENSOR_OPS_WIDE_H_

#include "tessera/tensor/dtype.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// float64 for float64, float32 for the other floating dtypes.
inline DType wide_dtype(DType dtype) { return dtype == kFloat64 ? kFloat64 : kFloat32; }
inline Tensor wide(const Tensor& x) { return to(x, wide_dtype(x.dtype())); }

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_WIDE_H_
