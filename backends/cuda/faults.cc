// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/faults.h"

#include <algorithm>
#include <cinttypes>

#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {

Faults::~Faults() {
  if (record_ != nullptr) cudaFreeHost(record_);
}

cudaError_t Faults::open() {
  void* record = nullptr;
  const cudaError_t error =
      cudaHostAlloc(&record, sizeof(FaultRecord), cudaHostAllocMapped | cudaHostAllocPortable);
  if (error != cudaSuccess) return error;
  record_ = static_cast<FaultRecord*>(record);
  *record_ = {};
  return cudaSuccess;
}

FaultReporter Faults::reporter(const char* op) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(ops_.begin(), ops_.end(), op);
  const uint32_t ticket = static_cast<uint32_t>(found - ops_.begin());
  if (found == ops_.end()) ops_.push_back(op);
  return {record_, ticket};
}

TsrStatus Faults::take(TsrMessage* message) {
  const std::lock_guard lock(mutex_);
  if (record_->taken == 0) return TSR_OK;
  const FaultRecord found = *record_;
  *record_ = {};
  return plugin::fail(
      message, TSR_OUT_OF_RANGE, "%s: index %" PRId64 " is out of range [0, %" PRId64 ")",
      found.ticket < ops_.size() ? ops_[found.ticket].c_str() : "?", found.index, found.limit);
}

}  // namespace tessera::cuda
