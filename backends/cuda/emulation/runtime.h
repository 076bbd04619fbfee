// SPDX-License-Identifier: Apache-2.0
//
// The part of CUDA's runtime that backends/cuda uses, for a machine that has neither the toolkit
// nor a GPU. One device. Work is put into one queue, in the order in which it is issued, and done
// when somebody waits, so that what is used too early, or reused too early, shows.
//
// Memory of the device has guards around it, which are looked at after every kernel; what was not
// written, or is freed, is full of nan. A kernel that fails makes every later call fail, as a GPU
// does; cudaGetErrorString() then tells what happened.
#ifndef TESSERA_BACKENDS_CUDA_EMULATION_RUNTIME_H_
#define TESSERA_BACKENDS_CUDA_EMULATION_RUNTIME_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>

#include "tessera/backends/cuda/emulation/device_code.h"

// NOLINTBEGIN: CUDA's names and values
using dim3 = tessera::cuda::emulation::Extent;

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorNotReady = 600,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchFailure = 719,
};
enum cudaMemcpyKind {
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
  cudaMemcpyDeviceToDevice = 3
};
enum cudaStreamCaptureMode { cudaStreamCaptureModeRelaxed = 2 };
enum cudaMemPoolAttr {
  cudaMemPoolAttrReleaseThreshold = 4,
  cudaMemPoolAttrReservedMemCurrent = 5,
};
enum cudaMemAllocationType { cudaMemAllocationTypePinned = 1 };
enum cudaMemLocationType { cudaMemLocationTypeDevice = 1 };
inline constexpr unsigned cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2,
                          cudaHostAllocPortable = 1, cudaHostAllocMapped = 2;

struct cudaMemLocation {
  cudaMemLocationType type;
  int id;
};
struct cudaMemPoolProps {
  cudaMemAllocationType allocType;
  cudaMemLocation location;
};
struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem;
  int multiProcessorCount, warpSize, major, minor, integrated;
};

using cudaStream_t = struct TesseraEmulatedStream*;
using cudaEvent_t = struct TesseraEmulatedEvent*;
using cudaMemPool_t = struct TesseraEmulatedPool*;
using cudaGraph_t = struct TesseraEmulatedGraph*;
using cudaGraphExec_t = struct TesseraEmulatedGraph*;

const char* cudaGetErrorName(cudaError_t error);
const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaMemGetInfo(size_t* free, size_t* total);

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventQuery(cudaEvent_t event);

cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps* properties);
cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool);
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value);
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value);
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t bytes);
cudaError_t cudaMallocFromPoolAsync(void** pointer, size_t bytes, cudaMemPool_t pool,
                                    cudaStream_t stream);
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream);
cudaError_t cudaHostAlloc(void** pointer, size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void* pointer);
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream);

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph,
                                 unsigned long long flags = 0);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
// NOLINTEND

namespace tessera::cuda::emulation {

cudaError_t enqueue_kernel(cudaStream_t stream, const Extent& grid, const Extent& block,
                           std::function<void()> body);

template <class... P>
cudaError_t launch(void (*kernel)(P...), const Extent& grid, const Extent& block,
                   cudaStream_t stream, P... parameters) {
  return enqueue_kernel(stream, grid, block, [kernel, values = std::tuple<P...>(parameters...)] {
    std::apply(kernel, values);
  });
}

// ---- For emulated libraries ---------------------------------------------------------------------

// Puts work on a stream; what it returns, if anything, ends the device.
cudaError_t enqueue_work(cudaStream_t stream, std::function<std::string()> work);
// Whether [pointer, pointer + bytes) lies in one allocation of the device.
bool covers(const void* pointer, size_t bytes);

// ---- For tests ----------------------------------------------------------------------------------

// Device memory that there is, in bytes; what is in use counts.
void set_memory(size_t bytes);
// How much work has not been done yet.
size_t pending();
// As if the process had begun anew: after a kernel that failed.
void recover();

}  // namespace tessera::cuda::emulation

#endif  // TESSERA_BACKENDS_CUDA_EMULATION_RUNTIME_H_
