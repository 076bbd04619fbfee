// SPDX-License-Identifier: Apache-2.0
//
// Running an op's kernel alone, without dispatch, between guard bytes.
#ifndef TESSERA_BACKENDS_CONFORMANCE_RUN_H_
#define TESSERA_BACKENDS_CONFORMANCE_RUN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/backends/conformance/case.h"
#include "tessera/backends/conformance/host_tensor.h"
#include "tessera/backends/runtime/device.h"

namespace tessera::conformance {

struct KernelRun {
  std::vector<HostTensor> outputs;
  std::string guard;   // what was written outside the outputs; empty if nothing
  std::string inputs;  // which input changed that the op must not change; empty if none
};

enum class How {
  kLaunch,  // by the kernel
  kReplay,  // as a graph of one node
  kAsk,     // not at all: only whether the kernel would take the case
};

// Launches the device's kernel on memory whose bytes, outputs included, are all `fill` beforehand.
// For ops that update inputs the outputs are the updated inputs.
//   errors: kUnimplemented if the device has no kernel, or none for this case, or no graphs; what
//           the kernel says
absl::StatusOr<KernelRun> run_kernel(const Case& c, const std::vector<HostInput>& inputs,
                                     const Device& device, unsigned char fill,
                                     How how = How::kLaunch);

// The op through dispatch, as programs run it.
absl::StatusOr<std::vector<HostTensor>> run_dispatch(const Case& c,
                                                     const std::vector<HostInput>& inputs,
                                                     const Device& device);

// The op's decomposition.
absl::StatusOr<std::vector<HostTensor>> run_decomposition(const Case& c,
                                                          const std::vector<HostInput>& inputs,
                                                          const Device& device);

// The inputs that an op with kUpdatesInputs changes, in the order of its outputs.
std::vector<int> updated_inputs(const Case& c);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_RUN_H_
