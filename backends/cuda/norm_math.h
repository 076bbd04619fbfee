// SPDX-License-Identifier: Apache-2.0
//
// What the kernels of norms share.
#ifndef TESSERA_BACKENDS_CUDA_NORM_MATH_H_
#define TESSERA_BACKENDS_CUDA_NORM_MATH_H_

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/row_group.h"

namespace tessera::cuda {

// What sums of differences are taken from, so that equal elements have no variance: x, or 0 where
// that would make them nan.
template <class Real>
__device__ __forceinline__ Real origin_of(Real x) {
  return x - x == 0 ? x : Real(0);
}

// The elements of an operand as T, dense; null if there is none.
template <class T>
const T* dense_or_null(Launcher& launcher, const TsrTensor* t) {
  return t == nullptr ? nullptr : static_cast<const T*>(dense_elements(launcher, *t));
}
template <class T>
T* data_or_null(const TsrTensor* t) {
  return t == nullptr ? nullptr : data_of<T>(*t);
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_NORM_MATH_H_
