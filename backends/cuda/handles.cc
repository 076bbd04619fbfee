// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/handles.h"

#include "tessera/backends/cuda/driver.h"
#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {

using plugin::fail;

Backend::Backend(const TsrHost* host) : host(host) {
  why = missing_driver();
  if (!why.empty()) return;
  int count = 0, version = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) {
    why = std::string("the NVIDIA driver offers no device: ") + cudaGetErrorString(error);
    cudaGetLastError();
    return;
  }
  if (cudaDriverGetVersion(&version) == cudaSuccess) {
    driver = "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
  }
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties = {};
    if (cudaGetDeviceProperties(&properties, i) == cudaSuccess) devices.push_back(properties);
  }
  if (devices.empty()) why = "the NVIDIA driver counts 0 devices";
}

void Backend::log(int32_t severity, const std::string& text) const {
  if (host->log != nullptr) host->log(host->context, severity, text.c_str());
}

TsrStatus Device::open(TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(enter(message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(health.report(faults.open(), "device_open", message));
  return allocator.open(properties.totalGlobalMem, message);
}

TsrStatus Device::enter(TsrMessage* message) const {
  TESSERA_PLUGIN_RETURN_IF_ERROR(health.check(message));
  const cudaError_t error = cudaSetDevice(index);
  if (error == cudaSuccess) return TSR_OK;
  return fail(message, TSR_UNAVAILABLE, "cuda:%d: %s", index, cudaGetErrorString(error));
}

Stream::~Stream() {
  if (handle == nullptr) return;
  cudaStreamSynchronize(handle);
  downloads->deliver(downloads->count());
  cudaStreamDestroy(handle);
}

TsrStatus Stream::open(TsrMessage* message) {
  return device->health.report(cudaStreamCreateWithFlags(&handle, cudaStreamNonBlocking),
                               "stream_create", message);
}

TsrStatus Stream::synchronize(TsrMessage* message) {
  const uint64_t asked = downloads->count();
  const cudaError_t error = cudaStreamSynchronize(handle);
  if (error != cudaSuccess) return device->health.report(error, suspects(), message);
  ops_since_wait = 0;
  downloads->deliver(asked);
  return device->faults.take(message);
}

std::string Stream::suspects() const {
  if (ops_since_wait == 0) return "a copy";
  if (ops_since_wait == 1) return last_op;
  return std::string(last_op) + ", or one of the " + std::to_string(ops_since_wait - 1) +
         " ops before it (CUDA_LAUNCH_BLOCKING=1 tells which)";
}

}  // namespace tessera::cuda
