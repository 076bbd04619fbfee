// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/simd_targets.h"
#include "tessera/backends/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/tiles_unary.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

#define TILES(Type, name, domain) \
  make_tiles<UnaryTile, ops::Type, elementwise::Domain::domain>(#name),
constexpr Tiles kUnary[] = {TESSERA_UNARY_OPS(TILES)};
#undef TILES

#define TILES(Type, name, domain) \
  make_tiles<PredicateTile, ops::Type, elementwise::Domain::domain>(#name),
constexpr Tiles kPredicates[] = {TESSERA_PREDICATE_OPS(TILES)};
#undef TILES

std::span<const Tiles> unary() { return kUnary; }
std::span<const Tiles> predicates() { return kPredicates; }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(unary);
HWY_EXPORT(predicates);

std::span<const Tiles> unary_tiles() { return HWY_DYNAMIC_DISPATCH(unary)(); }
std::span<const Tiles> predicate_tiles() { return HWY_DYNAMIC_DISPATCH(predicates)(); }

}  // namespace tessera::cpu
#endif  // HWY_ONCE
