// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the handles of the C interface.
#ifndef TESSERA_BACKENDS_CUDA_HANDLES_H_
#define TESSERA_BACKENDS_CUDA_HANDLES_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/allocator.h"
#include "tessera/backends/cuda/blas.h"
#include "tessera/backends/cuda/error.h"
#include "tessera/backends/cuda/faults.h"
#include "tessera/backends/cuda/runtime.h"
#include "tessera/backends/cuda/staging.h"

namespace tessera::cuda {

struct Backend {
  // Finds the devices. The host lives longer.
  explicit Backend(const TsrHost* host);

  void log(int32_t severity, const std::string& text) const;

  const TsrHost* const host;
  std::vector<cudaDeviceProp> devices;
  std::string driver;  // "CUDA 13.0"
  std::string why;     // there is no device
  std::atomic<Precision> precision = Precision::kHighest;
};

struct Device {
  Device(Backend* backend, int index)
      : index(index),
        properties(backend->devices[index]),
        health(index),
        allocator(index, &health),
        blas(backend) {}

  TsrStatus open(TsrMessage* message);
  // Makes this the device of the calling thread's calls. TSR_UNAVAILABLE if it is lost.
  TsrStatus enter(TsrMessage* message) const;

  const int index;
  const cudaDeviceProp properties;
  Health health;
  Allocator allocator;
  Faults faults;
  Blas blas;
};

class Graph;

// Used by one thread at a time.
struct Stream {
  explicit Stream(Device* device) : device(device), downloads(std::make_shared<Downloads>()) {}
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  TsrStatus open(TsrMessage* message);
  // TSR_OK or the first error of the work so far, all of which is done then.
  TsrStatus synchronize(TsrMessage* message);
  // "add", or "add or one of the 7 ops before it": what a late error may come from.
  std::string suspects() const;

  Device* const device;
  cudaStream_t handle = nullptr;
  Uploads uploads;
  std::shared_ptr<Downloads> downloads;
  Graph* recording = nullptr;  // nodes go into it
  char last_op[64] = "";
  uint64_t ops_since_wait = 0;
};

struct Event {
  explicit Event(Device* device) : device(device) {}

  Device* const device;
  cudaEvent_t handle = nullptr;
  // The copies to the host that come before it.
  std::shared_ptr<Downloads> downloads;
  uint64_t downloads_before = 0;
};

inline Backend* unwrap(TsrBackend* handle) { return reinterpret_cast<Backend*>(handle); }
inline Device* unwrap(TsrDevice* handle) { return reinterpret_cast<Device*>(handle); }
inline Stream* unwrap(TsrStream* handle) { return reinterpret_cast<Stream*>(handle); }
inline Event* unwrap(TsrEvent* handle) { return reinterpret_cast<Event*>(handle); }

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_HANDLES_H_
