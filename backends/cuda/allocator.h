// SPDX-License-Identifier: Apache-2.0
//
// Memory of a device in the order of its streams: a pool of CUDA's own, which keeps what is freed
// until trim(). Thread-safe.
#ifndef TESSERA_BACKENDS_CUDA_ALLOCATOR_H_
#define TESSERA_BACKENDS_CUDA_ALLOCATOR_H_

#include <cstdint>
#include <mutex>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/error.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

class Allocator {
 public:
  Allocator(int device, Health* health) : device_(device), health_(health) {}
  ~Allocator();
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;

  TsrStatus open(uint64_t total_bytes, TsrMessage* message);

  // Before it answers TSR_RESOURCE_EXHAUSTED it waits for the device, whose streams may be about to
  // free something, and gives back what the pool keeps.
  TsrStatus allocate(cudaStream_t stream, uint64_t size, TsrBuffer** buffer, TsrMessage* message);
  void free(cudaStream_t stream, TsrBuffer* buffer);

  TsrMemoryStats stats() const;
  TsrStatus trim(TsrMessage* message);

 private:
  uint64_t reserved() const;
  TsrStatus exhausted(uint64_t size, TsrMessage* message) const;

  const int device_;
  Health* const health_;
  cudaMemPool_t pool_ = nullptr;
  uint64_t total_ = 0;
  mutable std::mutex mutex_;
  TsrMemoryStats stats_ = {sizeof(TsrMemoryStats)};
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ALLOCATOR_H_
