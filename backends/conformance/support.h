// SPDX-License-Identifier: Apache-2.0
//
// The table of ops and backends in the docs.
#ifndef TESSERA_BACKENDS_CONFORMANCE_SUPPORT_H_
#define TESSERA_BACKENDS_CONFORMANCE_SUPPORT_H_

#include <string>

#include "absl/types/span.h"
#include "tessera/backends/runtime/device.h"

namespace tessera::conformance {

// Markdown: a row for every op that reaches a backend, a column for every device. A cell says
// "native" if the device has a kernel for every dtype of the op's samples, lists the dtypes if only
// for some, and "composed" if the host runs the op's decomposition.
std::string support_table(absl::Span<const Device> devices);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_SUPPORT_H_
