// SPDX-License-Identifier: Apache-2.0
//
// Transposes by fours, for kernels that want contiguous lines side by side. Included once for every
// instruction set, after hwy/highway.h.
#if defined(TESSERA_BACKENDS_CPU_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_BACKENDS_CPU_TRANSPOSE_INL_H_
#undef TESSERA_BACKENDS_CPU_TRANSPOSE_INL_H_
#else
#define TESSERA_BACKENDS_CPU_TRANSPOSE_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {

// to[i * width + j] = from[j * stride + i] for i in [0, k), j in [0, 4).
HWY_INLINE void transpose4(const float* from, int64_t stride, int64_t k, float* to, int64_t width) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<float, 4> d;
  const hn::RepartitionToWide<decltype(d)> dw;
  for (; i + 4 <= k; i += 4) {
    const auto r0 = hn::LoadU(d, from + i);
    const auto r1 = hn::LoadU(d, from + stride + i);
    const auto r2 = hn::LoadU(d, from + 2 * stride + i);
    const auto r3 = hn::LoadU(d, from + 3 * stride + i);
    const auto low01 = hn::BitCast(dw, hn::InterleaveLower(d, r0, r1));
    const auto low23 = hn::BitCast(dw, hn::InterleaveLower(d, r2, r3));
    const auto high01 = hn::BitCast(dw, hn::InterleaveUpper(d, r0, r1));
    const auto high23 = hn::BitCast(dw, hn::InterleaveUpper(d, r2, r3));
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dw, low01, low23)), d, to + i * width);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dw, low01, low23)), d, to + (i + 1) * width);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dw, high01, high23)), d, to + (i + 2) * width);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dw, high01, high23)), d, to + (i + 3) * width);
  }
#endif
  for (; i < k; ++i) {
    for (int j = 0; j < 4; ++j) to[i * width + j] = from[j * stride + i];
  }
}

HWY_INLINE void transpose4(const double* from, int64_t stride, int64_t k, double* to,
                           int64_t width) {
  for (int64_t i = 0; i < k; ++i) {
    for (int j = 0; j < 4; ++j) to[i * width + j] = from[j * stride + i];
  }
}

}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per instruction set
