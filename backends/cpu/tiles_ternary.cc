// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/simd_targets.h"
#include "tessera/backends/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/tiles_ternary.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

#define TILES(Type, name, domain) \
  make_tiles<TernaryTile, ops::Type, elementwise::Domain::domain>(#name),
constexpr Tiles kTernary[] = {TESSERA_TERNARY_OPS(TILES)};
#undef TILES

std::span<const Tiles> ternary() { return kTernary; }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(ternary);

std::span<const Tiles> ternary_tiles() { return HWY_DYNAMIC_DISPATCH(ternary)(); }

}  // namespace tessera::cpu
#endif  // HWY_ONCE
