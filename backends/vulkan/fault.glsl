// SPDX-License-Identifier: Apache-2.0
//
// Reports to the host what is wrong in a kernel's data (faults.h).
#ifndef TESSERA_VULKAN_FAULT_GLSL_
#define TESSERA_VULKAN_FAULT_GLSL_

layout(buffer_reference, scalar, buffer_reference_align = 8) buffer FaultRecord {
  uint claimed, ticket;
  int64_t index, limit;
};

// `index` is not in [0, limit). Whoever claims the record first is heard.
void report_fault(uint64_t record, uint ticket, int64_t index, int64_t limit) {
  FaultRecord fault = FaultRecord(record);
  if (atomicCompSwap(fault.claimed, 0u, 1u) != 0u) return;
  fault.ticket = ticket;
  fault.index = index;
  fault.limit = limit;
}

#endif  // TESSERA_VULKAN_FAULT_GLSL_
