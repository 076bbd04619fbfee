// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/allocator.h"

#include <algorithm>
#include <cinttypes>
#include <new>

#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {

using plugin::fail;

Allocator::~Allocator() {
  if (pool_ != nullptr) cudaMemPoolDestroy(pool_);
}

TsrStatus Allocator::open(uint64_t total_bytes, TsrMessage* message) {
  total_ = total_bytes;
  cudaMemPoolProps properties = {};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = device_;
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      health_->report(cudaMemPoolCreate(&pool_, &properties), "a pool of memory", message));
  uint64_t keep = ~uint64_t{0};
  return health_->report(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep),
                         "a pool of memory", message);
}

TsrStatus Allocator::allocate(cudaStream_t stream, uint64_t size, TsrBuffer** buffer,
                              TsrMessage* message) {
  if (size > total_) return exhausted(size, message);
  const uint64_t bytes = std::max<uint64_t>(size, 1);
  const uint64_t before = reserved();
  void* data = nullptr;
  cudaError_t error = cudaMallocFromPoolAsync(&data, bytes, pool_, stream);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    error = cudaDeviceSynchronize();
    if (error == cudaSuccess) error = cudaMemPoolTrimTo(pool_, 0);
    if (error == cudaSuccess) error = cudaMallocFromPoolAsync(&data, bytes, pool_, stream);
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      return exhausted(size, message);
    }
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(health_->report(error, "buffer_allocate", message));
  auto* made = new (std::nothrow) TsrBuffer{sizeof(TsrBuffer), data, size};
  if (made == nullptr) {
    cudaFreeAsync(data, stream);
    return fail(message, TSR_RESOURCE_EXHAUSTED, "buffer_allocate: out of memory of the host");
  }
  const bool grew = reserved() > before;
  const std::lock_guard lock(mutex_);
  stats_.bytes_in_use += size;
  stats_.bytes_peak = std::max(stats_.bytes_peak, stats_.bytes_in_use);
  ++stats_.buffers_in_use;
  ++stats_.allocations;
  if (grew) ++stats_.system_allocations;
  *buffer = made;
  return TSR_OK;
}

void Allocator::free(cudaStream_t stream, TsrBuffer* buffer) {
  if (!health_->lost())
    health_->report(cudaFreeAsync(buffer->data, stream), "buffer_free", nullptr);
  {
    const std::lock_guard lock(mutex_);
    stats_.bytes_in_use -= buffer->size;
    --stats_.buffers_in_use;
  }
  delete buffer;
}

TsrMemoryStats Allocator::stats() const {
  const uint64_t now = reserved();
  const std::lock_guard lock(mutex_);
  TsrMemoryStats stats = stats_;
  // What is freed on the device only later is reserved still.
  stats.bytes_reserved = std::max(now, stats.bytes_in_use);
  return stats;
}

TsrStatus Allocator::trim(TsrMessage* message) {
  return health_->report(cudaMemPoolTrimTo(pool_, 0), "device_trim", message);
}

uint64_t Allocator::reserved() const {
  uint64_t bytes = 0;
  if (cudaMemPoolGetAttribute(pool_, cudaMemPoolAttrReservedMemCurrent, &bytes) != cudaSuccess) {
    return 0;
  }
  return bytes;
}

TsrStatus Allocator::exhausted(uint64_t size, TsrMessage* message) const {
  size_t free = 0, total = 0;
  cudaMemGetInfo(&free, &total);
  const TsrMemoryStats now = stats();
  return fail(message, TSR_RESOURCE_EXHAUSTED,
              "buffer_allocate: %" PRIu64 " bytes asked for on cuda:%d: %" PRIu64
              " bytes in use here, %zu of %zu bytes free on the device",
              size, device_, now.bytes_in_use, free, total);
}

}  // namespace tessera::cuda
