// SPDX-License-Identifier: Apache-2.0
//
// Products of matrices by cuBLASLt, on one device.
//
//   if (launcher.blas().is_there(launcher) && launcher.blas().multiply(launcher, product)) return;
//   // an own kernel
#ifndef TESSERA_BACKENDS_CUDA_BLAS_H_
#define TESSERA_BACKENDS_CUDA_BLAS_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

class Launcher;
struct Backend;
struct CublasLt;

// What "float32_matmul_precision" is set to.
enum class Precision : uint32_t { kHighest, kTf32 };

// A factor (rows, columns) whose rows stand one after another, or, transposed, whose columns do.
struct BlasMatrix {
  const void* data = nullptr;
  bool transposed = false;
  int64_t stride = 0;        // elements from a row, or a column, to the next
  int64_t batch_stride = 0;  // elements; 0: one matrix for all
};

// y (batch, m, n) = a (batch, m, k) b (batch, k, n) [+ bias (n)]
struct BlasProduct {
  uint32_t dtype = 0;  // of all operands; floating
  int64_t batch = 1, m = 0, n = 0, k = 0;
  BlasMatrix a, b;
  const void* bias = nullptr;  // dense, or null
  void* y = nullptr;           // dense
  int64_t y_batch_stride = 0;
};

// Thread-safe.
class Blas {
 public:
  explicit Blas(Backend* backend);
  // The device is the calling thread's; its streams have no work left.
  ~Blas();
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;

  // Opens the library when it is first asked. Where it is not there, the host's log says so, once.
  bool is_there();
  // Puts the product on the launcher's stream. False, and nothing is done, if cuBLASLt does not
  // take it. float32 is computed in float32, or in TF32 where the backend's precision says so;
  // float16 and bfloat16 with sums in float32. What cuBLASLt found for a shape is kept.
  bool multiply(Launcher& launcher, const BlasProduct& product);

 private:
  class Plan;
  using Key = std::array<int64_t, 13>;

  const Plan& plan_for(Launcher& launcher, const BlasProduct& product);

  Backend* const backend_;
  std::mutex mutex_;
  bool asked_ = false;
  const CublasLt* lt_ = nullptr;  // null if it is not there
  void* handle_ = nullptr;        // cublasLtHandle_t
  std::map<Key, std::unique_ptr<Plan>> plans_;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_BLAS_H_
