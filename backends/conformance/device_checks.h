// SPDX-License-Identifier: Apache-2.0
//
// The part of the exam that is about the device and not about an op: memory, copies, events,
// messages, and nodes that a kernel must refuse.
#ifndef TESSERA_BACKENDS_CONFORMANCE_DEVICE_CHECKS_H_
#define TESSERA_BACKENDS_CONFORMANCE_DEVICE_CHECKS_H_

#include <string>

#include "absl/types/span.h"
#include "tessera/backends/runtime/device.h"

namespace tessera::conformance {

struct DeviceCheck {
  const char* name;                          // "CopiesKeepEveryByte"
  std::string (*run)(const Device& device);  // what is wrong; empty if nothing
};

absl::Span<const DeviceCheck> device_checks();

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_DEVICE_CHECKS_H_
