// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/fault/fault.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/fault/protocol.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::fault {
namespace {

void launch(Device device, const TsrNode& node) {
  DeviceState* state = device.state();
  const TsrKernel* kernel = state->api->kernel_find(state->handle, node.op);
  if (kernel == nullptr) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(device.name(), " is not a device of the fault plugin")));
  }
  PluginMessage message;
  StreamLock lock(state);
  raise_if_error(
      message.status(kernel->launch(state->stream, &node, message.get()), device.name()));
}

void control(Device device, Command command, int64_t value) {
  const int64_t ints[2] = {command, value};
  launch(device, {.struct_size = sizeof(TsrNode), .op = kControlOp, .ints = ints, .n_ints = 2});
}

}  // namespace

void fail_allocation(Device device, int64_t n) { control(device, kFailAllocation, n); }

void lose_device(Device device, int64_t n) { control(device, kLoseDevice, n); }

void fail_later(Device device, int64_t n) { control(device, kFailLater, n); }

void slow_copies(Device device, std::chrono::microseconds time) {
  control(device, kSlowCopies, time.count());
}

void restore(Device device) {
  for (Command command : {kFailAllocation, kLoseDevice, kFailLater, kSlowCopies}) {
    control(device, command, 0);
  }
}

Counts counts(Device device) {
  int64_t values[kCounts] = {};
  TsrTensor tensor = {};
  tensor.struct_size = sizeof(tensor);
  tensor.data = values;
  const TsrTensor* outputs[1] = {&tensor};
  launch(device,
         {.struct_size = sizeof(TsrNode), .op = kCountsOp, .outputs = outputs, .n_outputs = 1});
  return {values[kAllocations], values[kKernels], values[kCopies], values[kLiveBuffers]};
}

}  // namespace tessera::fault
