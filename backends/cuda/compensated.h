// SPDX-License-Identifier: Apache-2.0
//
// Sums whose rounding errors are summed beside them: right to half a unit, or nearly so.
#ifndef TESSERA_BACKENDS_CUDA_COMPENSATED_H_
#define TESSERA_BACKENDS_CUDA_COMPENSATED_H_

#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

template <class Real>
struct Compensated {
  Real sum, lost;

  // What is lost of infinities is nan.
  __device__ __forceinline__ Real value() const { return lost == lost ? sum + lost : sum; }
};

// source: Knuth, The Art of Computer Programming 2, 4.2.2, theorem B
template <class Real>
__device__ __forceinline__ Compensated<Real> operator+(Compensated<Real> a, Compensated<Real> b) {
  const Real sum = a.sum + b.sum, from_b = sum - a.sum;
  const Real lost = (a.sum - (sum - from_b)) + (b.sum - from_b);
  return {sum, lost + (a.lost + b.lost)};
}
template <class Real>
__device__ __forceinline__ Compensated<Real> operator+(Compensated<Real> a, Real b) {
  return a + Compensated<Real>{b, 0};
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_COMPENSATED_H_
