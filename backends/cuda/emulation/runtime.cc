// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/emulation/runtime.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

struct TesseraEmulatedStream {
  TesseraEmulatedGraph* capture = nullptr;
};
struct TesseraEmulatedEvent {
  uint64_t recorded = 0;  // the number of the work that it comes after
};
struct TesseraEmulatedPool {};
struct TesseraEmulatedGraph {
  std::vector<std::function<void()>> work;
};

namespace tessera::cuda::emulation {
namespace {

constexpr size_t kGuardBytes = 256;

// Memory of the device: [guard][bytes][guard].
struct Allocation {
  char* base;
  size_t bytes;
};

class Machine {
 public:
  Machine() {
    const char* seed = std::getenv("TESSERA_CUDA_EMULATION_SEED");
    set_seed(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1);
  }

  std::recursive_mutex mutex;
  size_t memory = size_t{4} << 30;
  size_t in_use = 0;
  cudaError_t sticky = cudaSuccess;
  std::string report;

  void enqueue(cudaStream_t stream, std::function<void()> work) {
    if (stream != nullptr && stream->capture != nullptr) {
      stream->capture->work.push_back(std::move(work));
    } else {
      queue_.push_back(std::move(work));
      ++issued_;
    }
  }

  // Does all that was issued.
  cudaError_t drain() {
    while (!queue_.empty()) {
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      ++done_;
      if (sticky == cudaSuccess) work();
    }
    return sticky;
  }

  uint64_t issued() const { return issued_; }
  uint64_t done() const { return done_; }

  void* allocate(size_t bytes) {
    char* base = static_cast<char*>(
        std::aligned_alloc(kGuardBytes, (bytes + 3 * kGuardBytes - 1) / kGuardBytes * kGuardBytes));
    if (base == nullptr) return nullptr;
    std::memset(base, kGuard, kGuardBytes);
    std::memset(base + kGuardBytes, kPoison, bytes);
    std::memset(base + kGuardBytes + bytes, kGuard, kGuardBytes);
    allocations_[base + kGuardBytes] = {base, bytes};
    in_use += bytes;
    return base + kGuardBytes;
  }

  void release(void* pointer) {
    const auto found = allocations_.find(static_cast<char*>(pointer));
    if (found == allocations_.end()) return fail("an address that is not allocated is freed");
    in_use -= found->second.bytes;
    std::memset(pointer, kPoison, found->second.bytes);
    std::free(found->second.base);
    allocations_.erase(found);
  }

  // Whether [pointer, pointer + bytes) lies in one allocation.
  bool covers(const void* pointer, size_t bytes) const {
    const char* p = static_cast<const char*>(pointer);
    auto after = allocations_.upper_bound(const_cast<char*>(p));
    if (after == allocations_.begin()) return false;
    --after;
    return p + bytes <= after->first + after->second.bytes;
  }

  void check_guards() {
    static const std::string intact(kGuardBytes, static_cast<char>(kGuard));
    for (const auto& [pointer, a] : allocations_) {
      if (std::memcmp(a.base, intact.data(), kGuardBytes) != 0) {
        return fail("memory before an allocation of " + std::to_string(a.bytes) +
                    " bytes was written");
      }
      if (std::memcmp(pointer + a.bytes, intact.data(), kGuardBytes) != 0) {
        return fail("memory after an allocation of " + std::to_string(a.bytes) +
                    " bytes was written");
      }
    }
  }

  void fail(std::string why) {
    sticky = cudaErrorLaunchFailure;
    report = std::move(why);
  }

  void recover() {
    sticky = cudaSuccess;
    report.clear();
    for (const auto& [pointer, a] : allocations_) {
      std::memset(a.base, kGuard, kGuardBytes);
      std::memset(pointer + a.bytes, kGuard, kGuardBytes);
    }
  }

  std::map<const char*, size_t> pinned;

  bool is_pinned(const void* pointer) const {
    const char* p = static_cast<const char*>(pointer);
    auto after = pinned.upper_bound(p);
    if (after == pinned.begin()) return false;
    --after;
    return p < after->first + after->second;
  }

 private:
  std::deque<std::function<void()>> queue_;
  uint64_t issued_ = 0, done_ = 0;
  std::map<char*, Allocation> allocations_;
};

// Never destroyed: plugins may be shut down while the process ends.
Machine& machine() {
  static Machine& machine = *new Machine;
  return machine;
}

// Calls f(machine) unless the device has failed.
template <class F>
cudaError_t guarded(F f) {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex);
  if (m.sticky != cudaSuccess) return m.sticky;
  return f(m);
}

}  // namespace

cudaError_t enqueue_kernel(cudaStream_t stream, const Extent& grid, const Extent& block,
                           std::function<void()> body) {
  return guarded([&](Machine& m) {
    if (grid.count() == 0 || grid.x > 0x7FFFFFFF || grid.y > 65535 || grid.z > 65535 ||
        block.count() == 0 || block.count() > kMaxThreads || block.z > 64) {
      return cudaErrorInvalidConfiguration;
    }
    m.enqueue(stream, [&m, grid, block, body = std::move(body)] {
      const std::string wrong = run_grid(grid, block, body);
      if (!wrong.empty()) return m.fail(wrong);
      m.check_guards();
    });
    return cudaSuccess;
  });
}

cudaError_t enqueue_work(cudaStream_t stream, std::function<std::string()> work) {
  return guarded([&](Machine& m) {
    m.enqueue(stream, [&m, work = std::move(work)] {
      const std::string wrong = work();
      if (!wrong.empty()) return m.fail(wrong);
      m.check_guards();
    });
    return cudaSuccess;
  });
}

bool covers(const void* pointer, size_t bytes) {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex);
  return m.covers(pointer, bytes);
}

void set_memory(size_t bytes) {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex);
  m.memory = bytes;
}

size_t pending() {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex);
  return m.issued() - m.done();
}

void recover() {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex);
  m.drain();
  m.recover();
}

}  // namespace tessera::cuda::emulation

// NOLINTBEGIN: CUDA's names
using tessera::cuda::emulation::guarded;
using tessera::cuda::emulation::Machine;
using tessera::cuda::emulation::machine;

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
    default:
      return "cudaErrorUnknown";
  }
}

const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorLaunchFailure ? machine().report.c_str() : cudaGetErrorName(error);
}

cudaError_t cudaGetLastError() { return machine().sticky; }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device != 0) return cudaErrorInvalidValue;
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "emulated on the host");
  properties->totalGlobalMem = machine().memory;
  // Few, so that small launches loop over the grid too.
  properties->multiProcessorCount = 2;
  properties->warpSize = 32;
  properties->major = 8;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = 0;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int) { return cudaSuccess; }

cudaError_t cudaDeviceSynchronize() {
  return guarded([](Machine& m) { return m.drain(); });
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return guarded([&](Machine& m) {
    *total = m.memory;
    *free = m.memory > m.in_use ? m.memory - m.in_use : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return guarded([&](Machine&) {
    *stream = new TesseraEmulatedStream;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const std::lock_guard lock(machine().mutex);
  delete stream;
  return machine().sticky;
}

cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaDeviceSynchronize(); }

// The queue has the events' order already.
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
  return guarded([](Machine&) { return cudaSuccess; });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  return guarded([&](Machine&) {
    stream->capture = new TesseraEmulatedGraph;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return guarded([&](Machine&) {
    *graph = stream->capture;
    stream->capture = nullptr;
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return guarded([&](Machine&) {
    *event = new TesseraEmulatedEvent;
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const std::lock_guard lock(machine().mutex);
  delete event;
  return machine().sticky;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  return guarded([&](Machine& m) {
    event->recorded = m.issued();
    return cudaSuccess;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return guarded([&](Machine& m) { return m.done() < event->recorded ? m.drain() : cudaSuccess; });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return guarded([&](Machine& m) {
    if (m.done() >= event->recorded) return cudaSuccess;
    m.drain();  // who asks again and again shall get there
    return m.sticky != cudaSuccess ? m.sticky : cudaErrorNotReady;
  });
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps*) {
  return guarded([&](Machine&) {
    *pool = new TesseraEmulatedPool;
    return cudaSuccess;
  });
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  const std::lock_guard lock(machine().mutex);
  delete pool;
  return machine().sticky;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr attribute, void* value) {
  return guarded([&](Machine& m) {
    if (attribute != cudaMemPoolAttrReservedMemCurrent) return cudaErrorInvalidValue;
    *static_cast<uint64_t*>(value) = m.in_use;
    return cudaSuccess;
  });
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, size_t) {
  return guarded([](Machine&) { return cudaSuccess; });
}

cudaError_t cudaMallocFromPoolAsync(void** pointer, size_t bytes, cudaMemPool_t, cudaStream_t) {
  return guarded([&](Machine& m) {
    if (bytes > m.memory || m.in_use + bytes > m.memory) return cudaErrorMemoryAllocation;
    *pointer = m.allocate(bytes);
    return *pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  return guarded([&](Machine& m) {
    m.enqueue(stream, [&m, pointer] { m.release(pointer); });
    return cudaSuccess;
  });
}

cudaError_t cudaHostAlloc(void** pointer, size_t bytes, unsigned) {
  return guarded([&](Machine& m) {
    *pointer = std::malloc(bytes);
    if (*pointer == nullptr) return cudaErrorMemoryAllocation;
    m.pinned[static_cast<char*>(*pointer)] = bytes;
    return cudaSuccess;
  });
}

// Waits, as CUDA does.
cudaError_t cudaFreeHost(void* pointer) {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex);
  m.drain();
  m.pinned.erase(static_cast<char*>(pointer));
  std::free(pointer);
  return m.sticky;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return guarded([&](Machine& m) {
    const void* host = kind == cudaMemcpyHostToDevice ? from : to;
    const bool pageable = kind != cudaMemcpyDeviceToDevice && !m.is_pinned(host);
    m.enqueue(stream, [&m, to, from, bytes, kind] {
      if ((kind != cudaMemcpyDeviceToHost && !m.covers(to, bytes)) ||
          (kind != cudaMemcpyHostToDevice && !m.covers(from, bytes))) {
        return m.fail("a copy of " + std::to_string(bytes) + " bytes leaves its allocation");
      }
      std::memmove(to, from, bytes);
    });
    return pageable ? m.drain() : cudaSuccess;
  });
}

cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  return guarded([&](Machine& m) {
    m.enqueue(stream, [&m, to, value, bytes] {
      if (!m.covers(to, bytes)) return m.fail("memory outside of allocations is set");
      std::memset(to, value, bytes);
    });
    return cudaSuccess;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  return guarded([&](Machine&) {
    *exec = new TesseraEmulatedGraph(*graph);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const std::lock_guard lock(machine().mutex);
  delete graph;
  return machine().sticky;
}

// Waits for launches, as their work may point to it.
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  const std::lock_guard lock(machine().mutex);
  machine().drain();
  delete exec;
  return machine().sticky;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  return guarded([&](Machine& m) {
    for (const auto& work : exec->work) m.enqueue(stream, work);
    return cudaSuccess;
  });
}
// NOLINTEND
