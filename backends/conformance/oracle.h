// SPDX-License-Identifier: Apache-2.0
//
// The reference, linked into the exam under the name "oracle": the plugin "reference" can sit the
// exam beside it.
#ifndef TESSERA_BACKENDS_CONFORMANCE_ORACLE_H_
#define TESSERA_BACKENDS_CONFORMANCE_ORACLE_H_

#include "absl/status/statusor.h"
#include "tessera/backends/runtime/device.h"

namespace tessera::conformance {

// Registers it on the first call.
absl::StatusOr<Device> oracle_device();

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_ORACLE_H_
