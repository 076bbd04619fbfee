// SPDX-License-Identifier: Apache-2.0
//
// What CUDA's errors become. Three kinds:
//   out of memory           TSR_RESOURCE_EXHAUSTED; everything goes on
//   a call that was wrong   TSR_INTERNAL; everything goes on
//   a poisoned context      TSR_UNAVAILABLE, from then on: a kernel that failed (an illegal
//   address, an
//                           assertion, ...) leaves the device unusable for this process. Other
//                           devices, and the process, go on.
#ifndef TESSERA_BACKENDS_CUDA_ERROR_H_
#define TESSERA_BACKENDS_CUDA_ERROR_H_

#include <atomic>
#include <mutex>
#include <string>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

// Whether a device lives. Thread-safe.
class Health {
 public:
  explicit Health(int device) : device_(device) {}

  bool lost() const { return lost_.load(std::memory_order_acquire); }
  // TSR_OK, or TSR_UNAVAILABLE with what ended it.
  TsrStatus check(TsrMessage* message) const;
  // The status of `error`, which `what` ran into ("matmul", "buffer_allocate").
  TsrStatus report(cudaError_t error, const std::string& what, TsrMessage* message);

 private:
  const int device_;
  std::atomic<bool> lost_ = false;
  mutable std::mutex mutex_;
  std::string why_;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ERROR_H_
