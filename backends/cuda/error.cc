// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/error.h"

#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {

using plugin::fail;

TsrStatus Health::check(TsrMessage* message) const {
  if (!lost()) return TSR_OK;
  const std::lock_guard lock(mutex_);
  return fail(message, TSR_UNAVAILABLE, "%s", why_.c_str());
}

TsrStatus Health::report(cudaError_t error, const std::string& what, TsrMessage* message) {
  if (error == cudaSuccess) return TSR_OK;
  if (lost()) return check(message);
  const std::string name = cudaGetErrorName(error), text = cudaGetErrorString(error);
  cudaGetLastError();
  if (error == cudaErrorMemoryAllocation) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "%s: out of memory on cuda:%d", what.c_str(),
                device_);
  }
  // With a poisoned context every further call fails.
  size_t free = 0, total = 0;
  if (cudaMemGetInfo(&free, &total) == cudaSuccess) {
    return fail(message, TSR_INTERNAL, "%s: %s: %s", what.c_str(), name.c_str(), text.c_str());
  }
  {
    const std::lock_guard lock(mutex_);
    why_ = what + ": " + name + ": " + text + "; cuda:" + std::to_string(device_) +
           " cannot be used by this process any more";
    lost_.store(true, std::memory_order_release);
  }
  return check(message);
}

}  // namespace tessera::cuda
