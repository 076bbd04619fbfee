// SPDX-License-Identifier: Apache-2.0
//
// Loops over contiguous elements for the structs of backends/elementwise/ops.inc. Included once per
// instruction set.
#if defined(TESSERA_BACKENDS_CPU_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_BACKENDS_CPU_TILES_INL_H_
#undef TESSERA_BACKENDS_CPU_TILES_INL_H_
#else
#define TESSERA_BACKENDS_CPU_TILES_INL_H_
#endif

#include <cstring>
#include <type_traits>

#include "hwy/highway.h"
#include "tessera/backends/cpu/tiles.h"
#include "tessera/backends/cpu/vec-inl.h"
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/scalar.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {

#define TESSERA_ELEMENTWISE_FN static HWY_INLINE
namespace ops {
#include "tessera/backends/elementwise/ops.inc"
}  // namespace ops
#undef TESSERA_ELEMENTWISE_FN

// Vectors per turn of the loop: independent chains of long-latency instructions.
inline constexpr size_t kUnroll = 2;

template <class T>
HWY_INLINE Vec<T> load_vec(const T* p) {
  return Vec<T>(hn::LoadU(hn::ScalableTag<T>(), p));
}

// out = f(in...) over n elements; f takes and gives Vec<T>. The last, partial vector goes through
// buffers, so that all elements are computed alike.
template <class T, class F>
HWY_INLINE void for_vectors(F f, const T* a, T* out, size_t n) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + kUnroll * lanes <= n; i += kUnroll * lanes) {
    const Vec<T> y0 = f(load_vec(a + i));
    const Vec<T> y1 = f(load_vec(a + i + lanes));
    hn::StoreU(y0.v, d, out + i);
    hn::StoreU(y1.v, d, out + i + lanes);
  }
  for (; i < n; i += lanes) {
    if (i + lanes <= n) {
      hn::StoreU(f(load_vec(a + i)).v, d, out + i);
    } else {
      HWY_ALIGN T buffer[hn::MaxLanes(d)] = {};
      std::memcpy(buffer, a + i, (n - i) * sizeof(T));
      hn::Store(f(load_vec(buffer)).v, d, buffer);
      std::memcpy(out + i, buffer, (n - i) * sizeof(T));
    }
  }
}

template <class T, class F>
HWY_INLINE void for_vectors(F f, const T* a, const T* b, T* out, size_t n) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + kUnroll * lanes <= n; i += kUnroll * lanes) {
    const Vec<T> y0 = f(load_vec(a + i), load_vec(b + i));
    const Vec<T> y1 = f(load_vec(a + i + lanes), load_vec(b + i + lanes));
    hn::StoreU(y0.v, d, out + i);
    hn::StoreU(y1.v, d, out + i + lanes);
  }
  for (; i < n; i += lanes) {
    if (i + lanes <= n) {
      hn::StoreU(f(load_vec(a + i), load_vec(b + i)).v, d, out + i);
    } else {
      HWY_ALIGN T x[hn::MaxLanes(d)] = {};
      HWY_ALIGN T y[hn::MaxLanes(d)] = {};
      std::memcpy(x, a + i, (n - i) * sizeof(T));
      std::memcpy(y, b + i, (n - i) * sizeof(T));
      hn::Store(f(load_vec(x), load_vec(y)).v, d, x);
      std::memcpy(out + i, x, (n - i) * sizeof(T));
    }
  }
}

template <class T, class F>
HWY_INLINE void for_vectors(F f, const T* a, const T* b, const T* c, T* out, size_t n) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + kUnroll * lanes <= n; i += kUnroll * lanes) {
    const Vec<T> y0 = f(load_vec(a + i), load_vec(b + i), load_vec(c + i));
    const Vec<T> y1 = f(load_vec(a + i + lanes), load_vec(b + i + lanes), load_vec(c + i + lanes));
    hn::StoreU(y0.v, d, out + i);
    hn::StoreU(y1.v, d, out + i + lanes);
  }
  for (; i < n; i += lanes) {
    if (i + lanes <= n) {
      hn::StoreU(f(load_vec(a + i), load_vec(b + i), load_vec(c + i)).v, d, out + i);
    } else {
      HWY_ALIGN T x[hn::MaxLanes(d)] = {};
      HWY_ALIGN T y[hn::MaxLanes(d)] = {};
      HWY_ALIGN T z[hn::MaxLanes(d)] = {};
      std::memcpy(x, a + i, (n - i) * sizeof(T));
      std::memcpy(y, b + i, (n - i) * sizeof(T));
      std::memcpy(z, c + i, (n - i) * sizeof(T));
      hn::Store(f(load_vec(x), load_vec(y), load_vec(z)).v, d, x);
      std::memcpy(out + i, x, (n - i) * sizeof(T));
    }
  }
}

// Stores a mask as bools.
template <class T>
HWY_INLINE void store_mask(Mask<T> m, uint8_t* out) {
  const hn::ScalableTag<T> d;
#if HWY_TARGET == HWY_SCALAR
  *out = hn::AllTrue(d, m.m);
#else
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const auto ones = hn::IfThenElseZero(hn::RebindMask(du, m.m), hn::Set(du, 1));
  hn::StoreU(hn::TruncateTo(d8, ones), d8, out);
#endif
}

template <class Op, class T>
struct UnaryTile {
  static void run(const void* const* in, void* out, size_t n) {
    const T* a = static_cast<const T*>(in[0]);
    T* y = static_cast<T*>(out);
    if constexpr (std::is_floating_point_v<T>) {
      for_vectors(Apply(), a, y, n);
    } else {
      using V = elementwise::Integer<T>;
      for (size_t i = 0; i < n; ++i) y[i] = Op::apply(V(a[i])).value;
    }
  }
  struct Apply {
    HWY_INLINE Vec<T> operator()(Vec<T> x) const { return Op::apply(x); }
  };
};

template <class Op, class T>
struct BinaryTile {
  static void run(const void* const* in, void* out, size_t n) {
    const T* a = static_cast<const T*>(in[0]);
    const T* b = static_cast<const T*>(in[1]);
    T* y = static_cast<T*>(out);
    if constexpr (std::is_floating_point_v<T>) {
      for_vectors(Apply(), a, b, y, n);
    } else {
      using V = elementwise::Integer<T>;
      for (size_t i = 0; i < n; ++i) y[i] = Op::apply(V(a[i]), V(b[i])).value;
    }
  }
  struct Apply {
    HWY_INLINE Vec<T> operator()(Vec<T> x, Vec<T> y) const { return Op::apply(x, y); }
  };
};

template <class Op, class T>
struct TernaryTile {
  static void run(const void* const* in, void* out, size_t n) {
    const T* a = static_cast<const T*>(in[0]);
    const T* b = static_cast<const T*>(in[1]);
    const T* c = static_cast<const T*>(in[2]);
    T* y = static_cast<T*>(out);
    if constexpr (std::is_floating_point_v<T>) {
      for_vectors(Apply(), a, b, c, y, n);
    } else {
      using V = elementwise::Integer<T>;
      for (size_t i = 0; i < n; ++i) y[i] = Op::apply(V(a[i]), V(b[i]), V(c[i])).value;
    }
  }
  struct Apply {
    HWY_INLINE Vec<T> operator()(Vec<T> x, Vec<T> y, Vec<T> z) const { return Op::apply(x, y, z); }
  };
};

// Floating predicates and comparisons: V... -> bool.
template <class Op, class T>
struct PredicateTile {
  static void run(const void* const* in, void* out, size_t n) {
    const T* a = static_cast<const T*>(in[0]);
    uint8_t* y = static_cast<uint8_t*>(out);
    using V = elementwise::Real<T>;
    const size_t lanes = hn::Lanes(hn::ScalableTag<T>());
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) store_mask<T>(Op::apply(load_vec(a + i)), y + i);
    for (; i < n; ++i) y[i] = Op::apply(V(a[i]));
  }
};

template <class Op, class T>
struct CompareTile {
  static void run(const void* const* in, void* out, size_t n) {
    const T* a = static_cast<const T*>(in[0]);
    const T* b = static_cast<const T*>(in[1]);
    uint8_t* y = static_cast<uint8_t*>(out);
    size_t i = 0;
    if constexpr (std::is_floating_point_v<T>) {
      using V = elementwise::Real<T>;
      const size_t lanes = hn::Lanes(hn::ScalableTag<T>());
      for (; i + lanes <= n; i += lanes) {
        store_mask<T>(Op::apply(load_vec(a + i), load_vec(b + i)), y + i);
      }
      for (; i < n; ++i) y[i] = Op::apply(V(a[i]), V(b[i]));
    } else {
      using V = elementwise::Integer<T>;
      for (; i < n; ++i) y[i] = Op::apply(V(a[i]), V(b[i]));
    }
  }
};

// The kernels of `Tile<Op, T>` for the dtypes of a domain.
template <template <class, class> class Tile, class Op, elementwise::Domain domain>
constexpr Tiles make_tiles(const char* name) {
  Tiles tiles = {name, {}};
  if constexpr (domain != elementwise::Domain::kInteger) {
    tiles.kernels[TSR_FLOAT32] = Tile<Op, float>::run;
    tiles.kernels[TSR_FLOAT64] = Tile<Op, double>::run;
  }
  if constexpr (domain != elementwise::Domain::kFloating) {
    tiles.kernels[TSR_INT32] = Tile<Op, int32_t>::run;
    tiles.kernels[TSR_INT64] = Tile<Op, int64_t>::run;
    tiles.kernels[TSR_UINT8] = Tile<Op, uint8_t>::run;
  }
  return tiles;
}

}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TESSERA_BACKENDS_CPU_TILES_INL_H_
