// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the handles of the C interface.
#ifndef TESSERA_BACKENDS_VULKAN_HANDLES_H_
#define TESSERA_BACKENDS_VULKAN_HANDLES_H_

#include <mutex>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/vulkan/allocator.h"
#include "tessera/backends/vulkan/gpu.h"
#include "tessera/backends/vulkan/instance.h"
#include "tessera/backends/vulkan/pipelines.h"
#include "tessera/backends/vulkan/queue.h"

namespace tessera::vulkan {

struct Backend {
  explicit Backend(const TsrHost* host) : instance(host) {}
  Instance instance;
};

class Graph;

struct Device {
  Device(Instance* instance, const PhysicalDevice& physical)
      : gpu(instance, physical),
        pipelines(&gpu),
        queue(&gpu),
        allocator(&gpu, queue.audit(), [this] { queue.wait_idle(nullptr); }) {}
  ~Device() { queue.wait_idle(nullptr); }

  TsrStatus open(TsrMessage* message);
  // TSR_OK or the first error of the work so far, all of which is done then. Takes the mutex, but
  // not while it waits, so that other threads can queue work meanwhile.
  TsrStatus synchronize(TsrMessage* message);

  // Held around every use of the members below. Recursive: the allocator may wait for the queue.
  std::recursive_mutex mutex;
  Gpu gpu;
  Pipelines pipelines;
  Queue queue;
  Allocator allocator;

  Graph* recording = nullptr;  // nodes go into it, not into the queue
  // For the node that is being recorded (recorder.h); kept so that nothing is allocated anew.
  std::vector<Access> accesses;
  std::vector<TsrBuffer*> scratch;
};

// All streams of a device are one order of work (queue.h).
struct Stream {
  Device* device;
};

struct Event {
  Device* device;
  uint64_t value = 0;  // the submission that reaches it
};

inline Backend* unwrap(TsrBackend* handle) { return reinterpret_cast<Backend*>(handle); }
inline Device* unwrap(TsrDevice* handle) { return reinterpret_cast<Device*>(handle); }
inline Stream* unwrap(TsrStream* handle) { return reinterpret_cast<Stream*>(handle); }
inline Event* unwrap(TsrEvent* handle) { return reinterpret_cast<Event*>(handle); }

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_HANDLES_H_
