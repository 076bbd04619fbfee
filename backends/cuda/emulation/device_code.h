// SPDX-License-Identifier: Apache-2.0
//
// The part of CUDA's device language that the kernels of backends/cuda use, for a host compiler.
#ifndef TESSERA_BACKENDS_CUDA_EMULATION_DEVICE_CODE_H_
#define TESSERA_BACKENDS_CUDA_EMULATION_DEVICE_CODE_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tessera/backends/cuda/emulation/block.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(threads)

#define threadIdx (::tessera::cuda::emulation::running.thread)
#define blockIdx (::tessera::cuda::emulation::running.block)
#define blockDim (::tessera::cuda::emulation::running.block_extent)
#define gridDim (::tessera::cuda::emulation::running.grid_extent)

// NOLINTBEGIN: CUDA's names
inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  tessera::cuda::emulation::wait_for_block({file, line});
}

namespace tessera::cuda::emulation {

// What lane `lane(own lane)` gives, or the own value where that is outside of the own segment of
// `width` lanes.
template <class T, class F>
T shuffle(uint32_t mask, T value, int width, Site site, F lane) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  const int own = static_cast<int>(
      (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % kWarp);
  const uint64_t* all = exchange_in_warp(bits, mask, site);
  const int first = own / width * width, from = lane(own - first);
  if (from < 0 || from >= width) return value;
  std::memcpy(&value, &all[first + from], sizeof value);
  return value;
}

}  // namespace tessera::cuda::emulation

template <class T>
T __shfl_sync(uint32_t mask, T value, int lane, int width = 32, const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) {
  return tessera::cuda::emulation::shuffle(mask, value, width, {file, line},
                                           [=](int) { return lane & (width - 1); });
}
template <class T>
T __shfl_xor_sync(uint32_t mask, T value, int bits, int width = 32,
                  const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return tessera::cuda::emulation::shuffle(mask, value, width, {file, line},
                                           [=](int own) { return own ^ bits; });
}
template <class T>
T __shfl_down_sync(uint32_t mask, T value, unsigned delta, int width = 32,
                   const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return tessera::cuda::emulation::shuffle(mask, value, width, {file, line},
                                           [=](int own) { return own + static_cast<int>(delta); });
}
template <class T>
T __shfl_up_sync(uint32_t mask, T value, unsigned delta, int width = 32,
                 const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return tessera::cuda::emulation::shuffle(mask, value, width, {file, line},
                                           [=](int own) { return own - static_cast<int>(delta); });
}
inline uint32_t __ballot_sync(uint32_t mask, int predicate, const char* file = __builtin_FILE(),
                              int line = __builtin_LINE()) {
  const uint64_t* all =
      tessera::cuda::emulation::exchange_in_warp(predicate != 0, mask, {file, line});
  uint32_t bits = 0;
  for (uint32_t lane = 0; lane < 32; ++lane) bits |= static_cast<uint32_t>(all[lane]) << lane;
  return bits;
}
inline int __any_sync(uint32_t mask, int predicate, const char* file = __builtin_FILE(),
                      int line = __builtin_LINE()) {
  return __ballot_sync(mask, predicate, file, line) != 0;
}
inline int __all_sync(uint32_t mask, int predicate, const char* file = __builtin_FILE(),
                      int line = __builtin_LINE()) {
  return __ballot_sync(mask, !predicate, file, line) == 0;
}
inline void __syncwarp(uint32_t mask = ~uint32_t{0}, const char* file = __builtin_FILE(),
                       int line = __builtin_LINE()) {
  tessera::cuda::emulation::exchange_in_warp(0, mask, {file, line});
}
inline void __threadfence() {}
inline void __threadfence_system() {}

// Threads run one at a time and are left at barriers only, so that these are atomic as they stand.
template <class T>
T atomicAdd(T* p, std::common_type_t<T> value) {
  const T old = *p;
  *p = old + value;
  return old;
}
template <class T>
T atomicMin(T* p, std::common_type_t<T> value) {
  const T old = *p;
  *p = std::min(old, value);
  return old;
}
template <class T>
T atomicMax(T* p, std::common_type_t<T> value) {
  const T old = *p;
  *p = std::max(old, value);
  return old;
}
template <class T>
T atomicExch(T* p, std::common_type_t<T> value) {
  const T old = *p;
  *p = value;
  return old;
}
template <class T>
T atomicCAS(T* p, std::common_type_t<T> expected, std::common_type_t<T> value) {
  const T old = *p;
  if (old == expected) *p = value;
  return old;
}

inline int __popc(uint32_t x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<uint32_t>(x)); }
// NOLINTEND

#endif  // TESSERA_BACKENDS_CUDA_EMULATION_DEVICE_CODE_H_
