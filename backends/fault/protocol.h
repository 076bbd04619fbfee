// SPDX-License-Identifier: Apache-2.0
//
// How a test talks to the fault plugin, through the ABI: by launching ops that no backend has.
// Tests use fault.h.
#ifndef TESSERA_BACKENDS_FAULT_PROTOCOL_H_
#define TESSERA_BACKENDS_FAULT_PROTOCOL_H_

#include <cstdint>

namespace tessera::fault {

// ints: a Command and its value. No tensors.
inline constexpr char kControlOp[] = "tessera_fault.control";

enum Command : int64_t {
  kFailAllocation = 1,  // value n: the nth allocation from now is out of memory; 0: none is
  kLoseDevice = 2,      // value n: at the nth kernel from now the device is lost; 0: it is back
  kFailLater = 3,       // value n: the nth kernel from now is queued and fails afterwards
  kSlowCopies = 4       // value: microseconds that each copy takes longer
};

// One output, whose data points to kCounts int64 in host memory.
inline constexpr char kCountsOp[] = "tessera_fault.counts";

// Since the device was opened: allocations asked for, kernels launched, copies; buffers alive now.
enum { kAllocations, kKernels, kCopies, kLiveBuffers, kCounts };

}  // namespace tessera::fault

#endif  // TESSERA_BACKENDS_FAULT_PROTOCOL_H_
