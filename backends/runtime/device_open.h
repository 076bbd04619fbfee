// SPDX-License-Identifier: Apache-2.0
//
// Asks an initialised plugin about its devices and opens them. For registry.cc, which remembers
// what is open; others call open_device() there.
#ifndef TESSERA_BACKENDS_RUNTIME_DEVICE_OPEN_H_
#define TESSERA_BACKENDS_RUNTIME_DEVICE_OPEN_H_

#include <memory>

#include "absl/status/statusor.h"
#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/runtime/device_state.h"

namespace tessera {

// The number of devices of a loaded backend.
//   errors: kUnavailable if there is none; the message is the plugin's reason
absl::StatusOr<int> count_devices(const BackendState& backend);

// What the plugin says of device `index`, which need not be open.
absl::StatusOr<TsrDeviceInfo> device_info(const BackendState& backend, int index);

// Opens device `index` and makes its stream.
absl::StatusOr<std::unique_ptr<DeviceState>> make_device(BackendState* backend, int index);

// Gives the stream and the device back. What is called through `device` from now on finds no
// kernel. Buffers that are alive are reported on stderr.
void close_device(DeviceState* device);

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_DEVICE_OPEN_H_
