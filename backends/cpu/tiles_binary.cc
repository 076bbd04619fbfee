// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/simd_targets.h"
#include "tessera/backends/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/tiles_binary.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

#define TILES(Type, name, domain) \
  make_tiles<BinaryTile, ops::Type, elementwise::Domain::domain>(#name),
constexpr Tiles kBinary[] = {TESSERA_BINARY_OPS(TILES)};
#undef TILES

std::span<const Tiles> binary() { return kBinary; }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(binary);

std::span<const Tiles> binary_tiles() { return HWY_DYNAMIC_DISPATCH(binary)(); }

}  // namespace tessera::cpu
#endif  // HWY_ONCE
