// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the handles of the C interface.
#ifndef TESSERA_BACKENDS_CPU_HANDLES_H_
#define TESSERA_BACKENDS_CPU_HANDLES_H_

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cpu/allocator.h"
#include "tessera/backends/cpu/thread_pool.h"

namespace tessera::cpu {

struct Backend {
  explicit Backend(const TsrHost* host_functions)
      : host(host_functions), pool(static_cast<int>(host_functions->thread_budget)) {}
  const TsrHost* host;
  ThreadPool pool;
};

struct Device {
  Device(Backend* owner, uint64_t memory_limit) : backend(owner), allocator(memory_limit) {}
  Backend* backend;
  Allocator allocator;
};

// Every call on a stream is done when it returns, so there is nothing to keep.
struct Stream {
  Device* device;
};

inline Backend* unwrap(TsrBackend* handle) { return reinterpret_cast<Backend*>(handle); }
inline Device* unwrap(TsrDevice* handle) { return reinterpret_cast<Device*>(handle); }
inline Stream* unwrap(TsrStream* handle) { return reinterpret_cast<Stream*>(handle); }
inline ThreadPool& pool_of(TsrStream* stream) { return unwrap(stream)->device->backend->pool; }

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_HANDLES_H_
