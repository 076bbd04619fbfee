// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/simd_targets.h"
#include "tessera/backends/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/tiles_logical.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

// bool is one byte, 0 or 1, so that it compares as uint8.
constexpr Tiles with_bool(Tiles tiles) {
  tiles.kernels[TSR_BOOL] = tiles.kernels[TSR_UINT8];
  return tiles;
}

#define TILES(Type, name) \
  with_bool(make_tiles<CompareTile, ops::Type, elementwise::Domain::kNumeric>(#name)),
constexpr Tiles kCompare[] = {TESSERA_COMPARE_OPS(TILES)};
#undef TILES

template <class Op>
void logical(const void* const* in, void* out, size_t n) {
  const uint8_t* a = static_cast<const uint8_t*>(in[0]);
  const uint8_t* b = static_cast<const uint8_t*>(in[1]);
  uint8_t* y = static_cast<uint8_t*>(out);
  for (size_t i = 0; i < n; ++i) y[i] = Op::apply(a[i] != 0, b[i] != 0);
}

template <class Op>
void logical_unary(const void* const* in, void* out, size_t n) {
  const uint8_t* a = static_cast<const uint8_t*>(in[0]);
  uint8_t* y = static_cast<uint8_t*>(out);
  for (size_t i = 0; i < n; ++i) y[i] = Op::apply(a[i] != 0);
}

constexpr Tiles bool_tiles(const char* name, TileKernel kernel) {
  Tiles tiles = {name, {}};
  tiles.kernels[TSR_BOOL] = kernel;
  return tiles;
}

#define TILES(Type, name) bool_tiles(#name, logical<ops::Type>),
#define UNARY_TILES(Type, name) bool_tiles(#name, logical_unary<ops::Type>),
constexpr Tiles kLogical[] = {TESSERA_LOGICAL_OPS(TILES) TESSERA_LOGICAL_UNARY_OPS(UNARY_TILES)};
#undef UNARY_TILES
#undef TILES

// T has the size of the operands; their bits are moved as they are.
template <class T>
void where(const void* const* in, void* out, size_t n) {
  const uint8_t* condition = static_cast<const uint8_t*>(in[0]);
  const T* a = static_cast<const T*>(in[1]);
  const T* b = static_cast<const T*>(in[2]);
  T* y = static_cast<T*>(out);
  for (size_t i = 0; i < n; ++i) y[i] = condition[i] != 0 ? a[i] : b[i];
}

constexpr Tiles kWhere = {
    "where",
    {nullptr, where<uint32_t>, where<uint64_t>, where<uint16_t>, where<uint16_t>, where<uint32_t>,
     where<uint64_t>, where<uint8_t>, where<uint8_t>}};

std::span<const Tiles> compare_ops() { return kCompare; }
std::span<const Tiles> logical_ops() { return kLogical; }
const Tiles* where_op() { return &kWhere; }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(compare_ops);
HWY_EXPORT(logical_ops);
HWY_EXPORT(where_op);

std::span<const Tiles> compare_tiles() { return HWY_DYNAMIC_DISPATCH(compare_ops)(); }
std::span<const Tiles> logical_tiles() { return HWY_DYNAMIC_DISPATCH(logical_ops)(); }
const Tiles& where_tiles() { return *HWY_DYNAMIC_DISPATCH(where_op)(); }

}  // namespace tessera::cpu
#endif  // HWY_ONCE
