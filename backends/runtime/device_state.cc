// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/device_state.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/log.h"

namespace tessera {

const TsrKernel DeviceState::kNoKernel = {sizeof(TsrKernel), nullptr, nullptr};

namespace {

// Through `supports`: what minor 0 had.
constexpr uint64_t kSmallestKernel = offsetof(TsrKernel, supports) + sizeof(TsrKernel::supports);

}  // namespace

const TsrKernel* ask_for_kernel(DeviceState* device, int op_id, const char* op) {
  const TsrKernel* kernel = device->api->kernel_find(device->handle, op);
  if (kernel != nullptr && (kernel->struct_size < kSmallestKernel || kernel->launch == nullptr)) {
    log_line(TSR_LOG_ERROR, device->name,
             absl::StrCat(op, ": the plugin's kernel has ", kernel->struct_size,
                          " bytes, expected ", kSmallestKernel, " or more, and ",
                          kernel->launch == nullptr ? "no" : "a", " launch; it is not used"));
    kernel = nullptr;
  }
  device->kernels[op_id].store(kernel == nullptr ? &DeviceState::kNoKernel : kernel,
                               std::memory_order_release);
  return kernel;
}

}  // namespace tessera
