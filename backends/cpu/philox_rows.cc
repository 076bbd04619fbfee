// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/philox_rows.h"

#include "tessera/backends/cpu/simd_targets.h"
#include "tessera/backends/random/philox.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/philox_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET != HWY_SCALAR
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<uint32_t>;
using DWide = hn::RepartitionToWide<D>;
using V = hn::VFromD<D>;

struct Product {
  V low, high;
};

// The 64-bit products of every lane, as their halves.
HWY_INLINE Product multiply(V a, V factor) {
  const D d;
  const DWide dw;
  const auto even = hn::MulEven(a, factor);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(dw, a))), factor);
  return {hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even)),
          hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)))};
}
#endif

void blocks(uint64_t seed, uint64_t first, size_t n, uint32_t* words) {
  size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V factor0 = hn::Set(d, TESSERA_PHILOX_MULTIPLIER_0);
  const V factor1 = hn::Set(d, TESSERA_PHILOX_MULTIPLIER_1);
  const V weyl0 = hn::Set(d, TESSERA_PHILOX_WEYL_0);
  const V weyl1 = hn::Set(d, TESSERA_PHILOX_WEYL_1);
  const V one = hn::Set(d, 1u);
  for (; i + lanes <= n; i += lanes) {
    const uint64_t counter = first + i;
    // The low words, and a carry into the high ones where they wrap.
    const V low = hn::Add(hn::Set(d, static_cast<uint32_t>(counter)), hn::Iota(d, 0));
    const auto wrapped = hn::Lt(low, hn::Set(d, static_cast<uint32_t>(counter)));
    V c0 = low;
    V c1 =
        hn::Add(hn::Set(d, static_cast<uint32_t>(counter >> 32)), hn::IfThenElseZero(wrapped, one));
    V c2 = hn::Zero(d);
    V c3 = hn::Zero(d);
    V k0 = hn::Set(d, static_cast<uint32_t>(seed));
    V k1 = hn::Set(d, static_cast<uint32_t>(seed >> 32));
    for (int round = 0; round < 10; ++round) {
      const Product p0 = multiply(c0, factor0);
      const Product p1 = multiply(c2, factor1);
      c0 = hn::Xor(hn::Xor(p1.high, c1), k0);
      c1 = p1.low;
      c2 = hn::Xor(hn::Xor(p0.high, c3), k1);
      c3 = p0.low;
      k0 = hn::Add(k0, weyl0);
      k1 = hn::Add(k1, weyl1);
    }
    hn::StoreInterleaved4(c0, c1, c2, c3, d, words + 4 * i);
  }
#endif
  for (; i < n; ++i) tessera_philox_block(seed, first + i, words + 4 * i);
}

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(blocks);

void philox_blocks(uint64_t seed, uint64_t first, size_t n, uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(blocks)(seed, first, n, words);
}

}  // namespace tessera::cpu
#endif  // HWY_ONCE
