// SPDX-License-Identifier: Apache-2.0
//
// Canaries: the reference with one defect each, which the exam must find.
#ifndef TESSERA_BACKENDS_CONFORMANCE_CANARY_H_
#define TESSERA_BACKENDS_CONFORMANCE_CANARY_H_

#include "absl/status/statusor.h"
#include "tessera/backends/runtime/device.h"

namespace tessera::conformance {

enum class Defect {
  kNone,
  kDroppedLast,     // the last element of output 0 is not written
  kOverrun,         // one element more is written
  kWrongStride,     // input 0 is taken to be dense
  kStaleOutput,     // every second launch of an op does nothing
  kZeroGradient,    // outputs of *_backward ops are zeros
  kNoise,           // the last bit of element 0 differs between launches
  kChangedInput,    // element 0 of input 0 is overwritten with output 0's
  kLostNan,         // nan in output 0 becomes 0
  kWrongCode,       // kernels' errors become TSR_INTERNAL
  kMissingKernel,   // no kernel for `add`
  kMoreAttributes,  // real attributes that the kernel does not know are passed over
  kLongMessage,     // messages are written without regard to their capacity
  kLostMemory,      // freed buffers stay counted
  kReplay,          // none: it has graphs, of one node each
  kStaleReplay,     // its graphs do nothing
  kEarlyReplay,     // making a graph runs it, too
  kCount,
};

const char* defect_name(Defect defect);  // "dropped_last"

// A device of the plugin with that defect, registered on the first call.
absl::StatusOr<Device> canary_device(Defect defect);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_CANARY_H_
