// SPDX-License-Identifier: Apache-2.0
//
// Launcher: what a kernel's host side uses to put one node's work on a stream, or into a graph.
//
//   void run(Launcher& launcher, const TsrNode& node) {
//     launcher.launch(square<float>, launcher.blocks_for(n, 256), 256, x, y, n);
//   }
//
// Launches of a node follow each other in order.
#ifndef TESSERA_BACKENDS_CUDA_LAUNCHER_H_
#define TESSERA_BACKENDS_CUDA_LAUNCHER_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/graph.h"
#include "tessera/backends/cuda/handles.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

// What a kernel's host side throws inside the plugin; the message is written by then.
struct KernelFailure {
  TsrStatus status;
};

class Launcher {
 public:
  Launcher(Stream* stream, const TsrNode& node, TsrMessage* message);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  const cudaDeviceProp& properties() const { return stream_->device->properties; }
  cudaStream_t stream() const { return handle_; }

  // Nothing happens if a number of blocks is 0.
  template <class... P, class... A>
  void launch(void (*kernel)(P...), dim3 grid, uint32_t threads, const A&... arguments) {
    static_assert(sizeof...(P) == sizeof...(A));
    if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
    check(cuda::launch<P...>(kernel, grid, dim3{threads, 1, 1}, handle_, arguments...));
  }
  template <class... P, class... A>
  void launch(void (*kernel)(P...), uint32_t blocks, uint32_t threads, const A&... arguments) {
    launch(kernel, dim3{blocks, 1, 1}, threads, arguments...);
  }

  // Device memory of n elements for this node's launches. Contents undefined.
  template <class T>
  T* scratch(uint64_t n) {
    return static_cast<T*>(scratch_bytes(n * sizeof(T)));
  }
  // For kernels that call in_range().
  FaultReporter faults() { return stream_->device->faults.reporter(node_.op); }

  // Blocks for a loop over the grid: enough for `items` with `per_block` in each, but not many more
  // than the device runs at once.
  uint32_t blocks_for(uint64_t items, uint32_t per_block) const {
    const uint64_t blocks = (items + per_block - 1) / per_block;
    return static_cast<uint32_t>(
        std::min<uint64_t>(blocks, uint64_t{32} * properties().multiProcessorCount));
  }

  Blas& blas() { return stream_->device->blas; }

  // Throws KernelFailure with "<op>: <what>".
  [[noreturn]] void fail(TsrStatus status, const std::string& what);
  // Throws KernelFailure unless it is TSR_OK or cudaSuccess.
  void check(TsrStatus status) {
    if (status != TSR_OK) throw KernelFailure{status};
  }
  void check(cudaError_t error) {
    if (error != cudaSuccess) check(stream_->device->health.report(error, node_.op, message_));
  }

 private:
  void* scratch_bytes(uint64_t bytes);

  Stream* const stream_;
  const TsrNode& node_;
  TsrMessage* const message_;
  cudaStream_t handle_;
  std::vector<TsrBuffer*> scratch_;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_LAUNCHER_H_
