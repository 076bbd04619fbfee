// SPDX-License-Identifier: Apache-2.0
//
// What kernels find wrong in their data, such as an index out of range. The first finding is kept
// until a stream is waited for, in pinned memory; the kernel goes on without touching memory that
// is not its own. There is one record for a device: with several streams at work, the finding of
// one comes out at whichever is waited for first.
//
//   if (!in_range(reporter, index, size)) return;   // in a kernel
#ifndef TESSERA_BACKENDS_CUDA_FAULTS_H_
#define TESSERA_BACKENDS_CUDA_FAULTS_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

struct FaultRecord {
  int32_t taken;  // 1 once a kernel has begun to write
  uint32_t ticket;
  int64_t index, limit;
};

// A kernel's argument: where to report, and as whose finding.
struct FaultReporter {
  FaultRecord* record;
  uint32_t ticket;
};

// Thread-safe.
class Faults {
 public:
  Faults() = default;
  ~Faults();
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  cudaError_t open();
  FaultReporter reporter(const char* op);
  // TSR_OK, or TSR_OUT_OF_RANGE with "<op>: index 7 is out of range [0, 5)".
  TsrStatus take(TsrMessage* message);

 private:
  std::mutex mutex_;
  FaultRecord* record_ = nullptr;
  std::vector<std::string> ops_;  // by ticket
};

#if defined(__CUDACC__) || defined(TESSERA_CUDA_EMULATION)
// Whether index is in [0, limit); if not, reports it.
static __device__ inline bool in_range(const FaultReporter& faults, int64_t index, int64_t limit) {
  if (index >= 0 && index < limit) return true;
  if (atomicCAS(&faults.record->taken, 0, 1) == 0) {
    faults.record->ticket = faults.ticket;
    faults.record->index = index;
    faults.record->limit = limit;
    __threadfence_system();
  }
  return false;
}
#endif

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_FAULTS_H_
