// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/pool_rows.h"

#include <algorithm>

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/pool_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

// Whether b comes before a as a maximum: greater, or the first nan.
bool beats(float b, float a) { return a == a && (b != b || b > a); }

void forward(const float* top, const float* bottom, float* y, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    float best = top[2 * j];
    for (float v : {top[2 * j + 1], bottom[2 * j], bottom[2 * j + 1]})
      best = beats(v, best) ? v : best;
    y[j] = best;
  }
}

void backward(const float* g, const float* top, const float* bottom, float* to_top,
              float* to_bottom, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    const float values[4] = {top[2 * j], top[2 * j + 1], bottom[2 * j], bottom[2 * j + 1]};
    int best = 0;
    for (int k = 1; k < 4; ++k) best = beats(values[k], values[best]) ? k : best;
    to_top[2 * j] = best == 0 ? g[j] : 0;
    to_top[2 * j + 1] = best == 1 ? g[j] : 0;
    to_bottom[2 * j] = best == 2 ? g[j] : 0;
    to_bottom[2 * j + 1] = best == 3 ? g[j] : 0;
  }
}

void forward_relu(const float* x, int64_t pitch, int64_t rows, int64_t n, float bias, float* y,
                  uint8_t* place) {
  for (int64_t i = 0; i < rows; ++i) {
    const float *const top = x + 2 * i * pitch, *const bottom = top + pitch;
    for (int64_t j = 0; j < n; ++j) {
      const float values[4] = {top[2 * j] + bias, top[2 * j + 1] + bias, bottom[2 * j] + bias,
                               bottom[2 * j + 1] + bias};
      int best = 0;
      for (int k = 1; k < 4; ++k) best = beats(values[k], values[best]) ? k : best;
      const bool none = values[best] <= 0;
      *y++ = none ? 0 : values[best];
      *place++ = static_cast<uint8_t>(none ? 255 : best);
    }
  }
}

void backward_places(const float* g, const uint8_t* place, float* to_top, float* to_bottom,
                     int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    to_top[2 * j] = place[j] == 0 ? g[j] : 0;
    to_top[2 * j + 1] = place[j] == 1 ? g[j] : 0;
    to_bottom[2 * j] = place[j] == 2 ? g[j] : 0;
    to_bottom[2 * j + 1] = place[j] == 3 ? g[j] : 0;
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

// 2 n values as those at even places and those at odd ones.
struct Pairs {
  V even, odd;
};

HWY_INLINE Pairs load_pairs(const float* p, int64_t n) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V low, high;
  if (n >= lanes) {
    low = hn::LoadU(d, p);
    high = hn::LoadU(d, p + lanes);
  } else {
    low = hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(std::min(2 * n, lanes))), d, p);
    high = 2 * n > lanes
               ? hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(2 * n - lanes)), d, p + lanes)
               : hn::Zero(d);
  }
  return {hn::ConcatEven(d, high, low), hn::ConcatOdd(d, high, low)};
}

// Where b comes before a as a maximum: greater, or the first nan.
HWY_INLINE auto beats(V b, V a) {
  return hn::AndNot(hn::IsNaN(a), hn::Or(hn::IsNaN(b), hn::Gt(b, a)));
}

void forward(const float* top, const float* bottom, float* y, int64_t n) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < n; j += lanes) {
    const Pairs t = load_pairs(top + 2 * j, n - j);
    const Pairs b = load_pairs(bottom + 2 * j, n - j);
    const V upper = hn::IfThenElse(beats(t.odd, t.even), t.odd, t.even);
    const V lower = hn::IfThenElse(beats(b.odd, b.even), b.odd, b.even);
    const V best = hn::IfThenElse(beats(lower, upper), lower, upper);
    if (n - j >= lanes) {
      hn::StoreU(best, d, y + j);
    } else {
      hn::BlendedStore(best, hn::FirstN(d, static_cast<size_t>(n - j)), d, y + j);
    }
  }
}

// Stores the first 2 n lanes of (low, high).
HWY_INLINE void store_pairs(V low, V high, float* p, int64_t n) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  if (n >= lanes) {
    hn::StoreU(low, d, p);
    hn::StoreU(high, d, p + lanes);
    return;
  }
  hn::BlendedStore(low, hn::FirstN(d, static_cast<size_t>(std::min(2 * n, lanes))), d, p);
  if (2 * n > lanes) {
    hn::BlendedStore(high, hn::FirstN(d, static_cast<size_t>(2 * n - lanes)), d, p + lanes);
  }
}

void backward(const float* g, const float* top, const float* bottom, float* to_top,
              float* to_bottom, int64_t n) {
  const D d;
  const hn::RebindToSigned<D> di;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  // Lanes 0 0 1 1 ..., and those of the upper half.
  const auto numbers = hn::Iota(di, 0);
  const auto half = hn::ShiftRight<1>(numbers);
  const auto to_low = hn::IndicesFromVec(d, half);
  const auto to_high =
      hn::IndicesFromVec(d, hn::Add(half, hn::Set(di, static_cast<int32_t>(lanes / 2))));
  const V parity = hn::ConvertTo(d, hn::And(numbers, hn::Set(di, 1)));
  const V parity2 = hn::Add(parity, hn::Set(d, 2.0f));
  for (int64_t j = 0; j < n; j += lanes) {
    const Pairs t = load_pairs(top + 2 * j, n - j);
    const Pairs b = load_pairs(bottom + 2 * j, n - j);
    const auto odd_top = beats(t.odd, t.even);
    const auto odd_bottom = beats(b.odd, b.even);
    const V upper = hn::IfThenElse(odd_top, t.odd, t.even);
    const V lower = hn::IfThenElse(odd_bottom, b.odd, b.even);
    // The number of the place: 0, 1 above, 2, 3 below.
    const V above = hn::IfThenElseZero(odd_top, hn::Set(d, 1.0f));
    const V below = hn::IfThenElse(odd_bottom, hn::Set(d, 3.0f), hn::Set(d, 2.0f));
    const V place = hn::IfThenElse(beats(lower, upper), below, above);
    const V value = n - j >= lanes
                        ? hn::LoadU(d, g + j)
                        : hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(n - j)), d, g + j);
    const V value_low = hn::TableLookupLanes(value, to_low);
    const V value_high = hn::TableLookupLanes(value, to_high);
    const V place_low = hn::TableLookupLanes(place, to_low);
    const V place_high = hn::TableLookupLanes(place, to_high);
    store_pairs(hn::IfThenElseZero(hn::Eq(place_low, parity), value_low),
                hn::IfThenElseZero(hn::Eq(place_high, parity), value_high), to_top + 2 * j, n - j);
    store_pairs(hn::IfThenElseZero(hn::Eq(place_low, parity2), value_low),
                hn::IfThenElseZero(hn::Eq(place_high, parity2), value_high), to_bottom + 2 * j,
                n - j);
  }
}

// Of windows whose elements are t above and u below: the relu of the maximum, and its place.
struct Maxima {
  V value;
  hn::VFromD<hn::RebindToSigned<D> > place;
};

HWY_INLINE Maxima maxima(Pairs t, Pairs u) {
  const D d;
  const hn::RebindToSigned<D> di;
  using M = decltype(beats(t.odd, t.even));
  const auto choose = [&](M odd_top, M odd_bottom, auto greater) HWY_ATTR {
    const V upper = hn::IfThenElse(odd_top, t.odd, t.even);
    const V lower = hn::IfThenElse(odd_bottom, u.odd, u.even);
    const M below = greater(lower, upper);
    const V best = hn::IfThenElse(below, lower, upper);
    const M none = hn::Le(best, hn::Zero(d));
    const auto above_at = hn::IfThenElseZero(hn::RebindMask(di, odd_top), hn::Set(di, 1));
    const auto below_at =
        hn::IfThenElse(hn::RebindMask(di, odd_bottom), hn::Set(di, 3), hn::Set(di, 2));
    const auto at = hn::IfThenElse(hn::RebindMask(di, below), below_at, above_at);
    return Maxima{hn::IfThenZeroElse(none, best),
                  hn::IfThenElse(hn::RebindMask(di, none), hn::Set(di, 255), at)};
  };
  // No nan in the sum, none in its parts; infinities may make one, and then take the longer way.
  const V sum = hn::Add(hn::Add(t.even, t.odd), hn::Add(u.even, u.odd));
  if (hn::AllFalse(d, hn::IsNaN(sum))) {
    return choose(hn::Gt(t.odd, t.even), hn::Gt(u.odd, u.even),
                  [](V y, V x) HWY_ATTR { return hn::Gt(y, x); });
  }
  return choose(beats(t.odd, t.even), beats(u.odd, u.even),
                [](V y, V x) HWY_ATTR { return beats(y, x); });
}

void forward_relu(const float* x, int64_t pitch, int64_t rows, int64_t n, float bias, float* y,
                  uint8_t* place) {
  const D d;
  const hn::Rebind<uint8_t, D> db;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const V b = hn::Set(d, bias);
  const auto load = [&](const float* low, const float* high) HWY_ATTR {
    const V p = hn::LoadU(d, low), q = hn::LoadU(d, high);
    return Pairs{hn::Add(hn::ConcatEven(d, q, p), b), hn::Add(hn::ConcatOdd(d, q, p), b)};
  };
  int64_t i = 0;
#if HWY_MAX_BYTES >= 32
  // Two narrow rows in one vector.
  const hn::Half<D> dh;
  const hn::Rebind<uint8_t, decltype(dh)> dbh;
  for (; 2 * n <= lanes && i + 2 <= rows; i += 2, y += 2 * n, place += 2 * n) {
    const float *const top = x + 2 * i * pitch, *const next = top + 2 * pitch;
    const Maxima m = maxima(load(top, next), load(top + pitch, next + pitch));
    const auto bytes = hn::DemoteTo(db, m.place);
    const size_t left = static_cast<size_t>(n);
    hn::BlendedStore(hn::LowerHalf(dh, m.value), hn::FirstN(dh, left), dh, y);
    hn::BlendedStore(hn::LowerHalf(dbh, bytes), hn::FirstN(dbh, left), dbh, place);
    hn::BlendedStore(hn::UpperHalf(dh, m.value), hn::FirstN(dh, left), dh, y + n);
    hn::BlendedStore(hn::UpperHalf(dbh, bytes), hn::FirstN(dbh, left), dbh, place + n);
  }
#endif
  for (; i < rows; ++i, y += n, place += n) {
    for (int64_t j = 0; j < n; j += lanes) {
      const float *const top = x + 2 * i * pitch + 2 * j, *const bottom = top + pitch;
      const Maxima m = maxima(load(top, top + lanes), load(bottom, bottom + lanes));
      const auto bytes = hn::DemoteTo(db, m.place);
      if (n - j >= lanes) {
        hn::StoreU(m.value, d, y + j);
        hn::StoreU(bytes, db, place + j);
      } else {
        const size_t left = static_cast<size_t>(n - j);
        hn::BlendedStore(m.value, hn::FirstN(d, left), d, y + j);
        hn::BlendedStore(bytes, hn::FirstN(db, left), db, place + j);
      }
    }
  }
}

void backward_places(const float* g, const uint8_t* place, float* to_top, float* to_bottom,
                     int64_t n) {
  const D d;
  const hn::RebindToSigned<D> di;
  const hn::Rebind<uint8_t, D> db;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  // Lanes 0 0 1 1 ..., and those of the upper half.
  const auto numbers = hn::Iota(di, 0);
  const auto half = hn::ShiftRight<1>(numbers);
  const auto to_low = hn::IndicesFromVec(d, half);
  const auto to_high =
      hn::IndicesFromVec(d, hn::Add(half, hn::Set(di, static_cast<int32_t>(lanes / 2))));
  const V parity = hn::ConvertTo(d, hn::And(numbers, hn::Set(di, 1)));
  const V parity2 = hn::Add(parity, hn::Set(d, 2.0f));
  for (int64_t j = 0; j < n; j += lanes) {
    const bool whole = n - j >= lanes;
    const size_t left = static_cast<size_t>(n - j);
    const V value = whole ? hn::LoadU(d, g + j) : hn::MaskedLoad(hn::FirstN(d, left), d, g + j);
    const auto bytes =
        whole ? hn::LoadU(db, place + j) : hn::MaskedLoad(hn::FirstN(db, left), db, place + j);
    const V at = hn::ConvertTo(d, hn::PromoteTo(di, bytes));
    const V value_low = hn::TableLookupLanes(value, to_low);
    const V value_high = hn::TableLookupLanes(value, to_high);
    const V at_low = hn::TableLookupLanes(at, to_low);
    const V at_high = hn::TableLookupLanes(at, to_high);
    store_pairs(hn::IfThenElseZero(hn::Eq(at_low, parity), value_low),
                hn::IfThenElseZero(hn::Eq(at_high, parity), value_high), to_top + 2 * j, n - j);
    store_pairs(hn::IfThenElseZero(hn::Eq(at_low, parity2), value_low),
                hn::IfThenElseZero(hn::Eq(at_high, parity2), value_high), to_bottom + 2 * j, n - j);
  }
}

#endif

const PoolRows kRows = {forward, backward, forward_relu, backward_places};
const PoolRows* rows() { return &kRows; }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(rows);
const PoolRows& pool_rows() { return *HWY_DYNAMIC_DISPATCH(rows)(); }
}  // namespace tessera::cpu
#endif  // HWY_ONCE
