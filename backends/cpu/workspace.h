// SPDX-License-Identifier: Apache-2.0
//
// The temporary memory of one kernel call, and operands in the form that a kernel computes with.
//
//   Workspace work(stream, message);
//   const float* x = work.dense<float>(*node.inputs[0]);
//   float* y = work.output<float>(*node.outputs[0]);
//   ... y[i] = f(x[i]) ...
//   work.finish();
//
// For dense float32 tensors these are the tensors' own memory. Memory comes from the device's cache
// and goes back when the workspace dies. Functions throw KernelFailure when there is none; not for
// use inside of tasks that run on other threads.
#ifndef TESSERA_BACKENDS_CPU_WORKSPACE_H_
#define TESSERA_BACKENDS_CPU_WORKSPACE_H_

#include <type_traits>

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

template <class T>
constexpr uint32_t native_dtype() {
  if constexpr (std::is_same_v<T, float>) return TSR_FLOAT32;
  if constexpr (std::is_same_v<T, double>) return TSR_FLOAT64;
  if constexpr (std::is_same_v<T, int32_t>) return TSR_INT32;
  if constexpr (std::is_same_v<T, int64_t>) return TSR_INT64;
  if constexpr (std::is_same_v<T, uint8_t>) return TSR_UINT8;
}

class Workspace {
 public:
  Workspace(TsrStream* stream, TsrMessage* message) : stream_(stream), message_(message) {}
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Uninitialised, aligned to 64 bytes.
  template <class T>
  T* array(size_t n) {
    return static_cast<T*>(bytes(n * sizeof(T)));
  }

  // x's elements in row-major order as T. bool counts as uint8.
  template <class T>
  const T* dense(const TsrTensor& x) {
    return static_cast<const T*>(dense_as(x, native_dtype<T>()));
  }
  const void* dense_as(const TsrTensor& x, uint32_t dtype);

  // Where to put the elements of y, a dense tensor, as T. finish() casts them into y if need be.
  template <class T>
  T* output(const TsrTensor& y) {
    return static_cast<T*>(output_as(y, native_dtype<T>()));
  }
  void* output_as(const TsrTensor& y, uint32_t dtype);
  void finish();

 private:
  static constexpr int kMaxBlocks = 16;
  static constexpr int kMaxOutputs = 4;
  struct Output {
    TsrTensor computed;
    const TsrTensor* target;
  };

  void* bytes(size_t n);

  TsrStream* stream_;
  TsrMessage* message_;
  TsrBuffer* blocks_[kMaxBlocks];
  int n_blocks_ = 0;
  Output outputs_[kMaxOutputs];
  int n_outputs_ = 0;
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_WORKSPACE_H_
