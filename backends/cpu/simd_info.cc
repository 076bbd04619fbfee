// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/simd_info.h"

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/simd_info.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

const char* name() { return hwy::TargetName(HWY_TARGET); }
uint32_t lanes() {
  return static_cast<uint32_t>(hwy::HWY_NAMESPACE::Lanes(hwy::HWY_NAMESPACE::ScalableTag<float>()));
}

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(name);
HWY_EXPORT(lanes);
const char* simd_name() { return HWY_DYNAMIC_DISPATCH(name)(); }
uint32_t simd_lanes() { return HWY_DYNAMIC_DISPATCH(lanes)(); }
}  // namespace tessera::cpu
#endif  // HWY_ONCE
