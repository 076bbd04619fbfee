// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/convert_half.h"

#include <cstring>

#include "tessera/backends/cpu/dtype.h"
#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/convert_half.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using DU = hn::RebindToUnsigned<D>;
using DI = hn::RebindToSigned<D>;
using D16 = hn::Rebind<uint16_t, D>;

HWY_INLINE void from_bfloat_block(const uint16_t* in, float* out) {
  const D d;
  const DU du;
  const auto wide = hn::PromoteTo(du, hn::LoadU(D16(), in));
  hn::StoreU(hn::BitCast(d, hn::ShiftLeft<16>(wide)), d, out);
}

HWY_INLINE void to_bfloat_block(const float* in, uint16_t* out) {
  const D d;
  const DU du;
  const DI di;
  const auto x = hn::LoadU(d, in);
  const auto bits = hn::BitCast(du, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1u));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7FFFu))));
  const auto nan = hn::Or(hn::ShiftRight<16>(bits), hn::Set(du, 0x40u));
  const auto is_nan = hn::RebindMask(du, hn::IsNaN(x));
  const auto result = hn::BitCast(di, hn::IfThenElse(is_nan, nan, rounded));
  hn::StoreU(hn::DemoteTo(D16(), result), D16(), out);
}

#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
HWY_INLINE void from_half_block(const uint16_t* in, float* out) {
  for (size_t i = 0; i < hn::Lanes(D()); ++i) out[i] = half_to_float({in[i]});
}
HWY_INLINE void to_half_block(const float* in, uint16_t* out) {
  for (size_t i = 0; i < hn::Lanes(D()); ++i) out[i] = double_to_half(in[i]).bits;
}
#else
using DHalf = hn::Rebind<hwy::float16_t, D>;
HWY_INLINE void from_half_block(const uint16_t* in, float* out) {
  const auto half = hn::BitCast(DHalf(), hn::LoadU(D16(), in));
  hn::StoreU(hn::PromoteTo(D(), half), D(), out);
}
HWY_INLINE void to_half_block(const float* in, uint16_t* out) {
  const auto half = hn::DemoteTo(DHalf(), hn::LoadU(D(), in));
  hn::StoreU(hn::BitCast(D16(), half), D16(), out);
}
#endif

// Runs `block` on vectors; the last, partial one through a buffer.
template <class From, class To, void (*block)(const From*, To*)>
void convert(const void* from, void* to, size_t n) {
  const From* in = static_cast<const From*>(from);
  To* out = static_cast<To*>(to);
  const size_t lanes = hn::Lanes(D());
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) block(in + i, out + i);
  if (i == n) return;
  From last_in[hn::MaxLanes(D())] = {};
  To last_out[hn::MaxLanes(D())];
  std::memcpy(last_in, in + i, (n - i) * sizeof(From));
  block(last_in, last_out);
  std::memcpy(out + i, last_out, (n - i) * sizeof(To));
}

const HalfKernels kKernels = {
    convert<uint16_t, float, from_half_block>,
    convert<uint16_t, float, from_bfloat_block>,
    convert<float, uint16_t, to_half_block>,
    convert<float, uint16_t, to_bfloat_block>,
};

const HalfKernels* kernels() { return &kKernels; }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(kernels);
const HalfKernels& half_kernels() {
  static const HalfKernels& chosen = *HWY_DYNAMIC_DISPATCH(kernels)();
  return chosen;
}
}  // namespace tessera::cpu
#endif  // HWY_ONCE
