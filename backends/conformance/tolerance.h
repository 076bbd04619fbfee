// SPDX-License-Identifier: Apache-2.0
//
// How far a backend may be from the reference, and the comparison itself.
//
// An element passes if |got - want| <= relative * |want| + absolute * scale, where scale is 1 for
// elementwise ops and otherwise the larger of 1 and the largest finite magnitude of the output,
// which bounds what cancels in sums. nan and infinities must be equal. Integers, bool and random
// numbers must be equal bit for bit.
//
//                elementwise             other
//                relative   absolute     relative  absolute
//   float32      2e-6       1e-6         1e-5      2e-6       16 ulp; sums of ordered lanes
//   float64      1e-12      1e-13        1e-12     1e-13
//   float16      1.0e-3     2e-6         2e-3      1e-3       one rounding is 4.9e-4
//   bfloat16     8.0e-3     2e-6         1.6e-2    8e-3       one rounding is 3.9e-3
#ifndef TESSERA_BACKENDS_CONFORMANCE_TOLERANCE_H_
#define TESSERA_BACKENDS_CONFORMANCE_TOLERANCE_H_

#include <string>

#include "tessera/backends/conformance/host_tensor.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/op_def.h"

namespace tessera::conformance {

struct Tolerance {
  double relative = 0;
  double absolute = 0;
  bool scaled = false;

  Tolerance times(double factor) const { return {relative * factor, absolute * factor, scaled}; }
};

Tolerance tolerance_for(const OpDef& op, const Sample& sample, DType dtype);

// Empty if `got` equals `want` within the tolerance, else what differs: how many elements, the
// worst one's index, both values.
std::string difference(const HostTensor& want, const HostTensor& got, const Tolerance& tolerance);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_TOLERANCE_H_
