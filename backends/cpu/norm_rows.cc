// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/norm_rows.h"

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/norm_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

template <class T>
using D = hn::ScalableTag<T>;

// A whole vector, or the first lanes of one; the others count as zero.
template <class T>
struct Whole {
  HWY_INLINE Vec<T> load(const T* p) const { return Vec<T>(hn::LoadU(D<T>(), p)); }
  HWY_INLINE Vec<T> only(Vec<T> v) const { return v; }
  HWY_INLINE void store(Vec<T> v, T* p) const { hn::StoreU(v.v, D<T>(), p); }
};
template <class T>
struct Part {
  decltype(hn::FirstN(D<T>(), 1)) mask;
  HWY_INLINE Vec<T> load(const T* p) const { return Vec<T>(hn::MaskedLoad(mask, D<T>(), p)); }
  HWY_INLINE Vec<T> only(Vec<T> v) const { return Vec<T>(hn::IfThenElseZero(mask, v.v)); }
  HWY_INLINE void store(Vec<T> v, T* p) const { hn::BlendedStore(v.v, mask, D<T>(), p); }
};

// Calls f(position, Whole or Part) for the vectors of n elements.
template <class T, class F>
HWY_INLINE void for_vectors(int64_t n, F f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D<T>()));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, Whole<T>());
  if (i < n) f(i, Part<T>{hn::FirstN(D<T>(), static_cast<size_t>(n - i))});
}

template <class T>
HWY_INLINE Vec<T> set(T value) {
  return Vec<T>(hn::Set(D<T>(), value));
}

template <class T>
HWY_INLINE T sum_of_lanes(Vec<T> v) {
  return hn::GetLane(hn::SumOfLanes(D<T>(), v.v));
}

// The sum of f(position, access) over n elements, in four chains.
template <class T, class F>
HWY_INLINE T sum_of(int64_t n, F f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D<T>()));
  Vec<T> a(0), b(0), c(0), d(0);
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = a + f(i, Whole<T>());
    b = b + f(i + lanes, Whole<T>());
    c = c + f(i + 2 * lanes, Whole<T>());
    d = d + f(i + 3 * lanes, Whole<T>());
  }
  for (; i + lanes <= n; i += lanes) a = a + f(i, Whole<T>());
  if (i < n) b = b + f(i, Part<T>{hn::FirstN(D<T>(), static_cast<size_t>(n - i))});
  return sum_of_lanes((a + b) + (c + d));
}

// ---- A line ----

template <class T>
T sum(const T* x, int64_t n) {
  return sum_of<T>(n, [&](int64_t i, auto access) HWY_ATTR { return access.load(x + i); });
}

template <class T>
T squares(const T* x, int64_t n) {
  return sum_of<T>(n, [&](int64_t i, auto access) HWY_ATTR {
    const Vec<T> v = access.load(x + i);
    return v * v;
  });
}

template <class T>
void deviations(const T* x, int64_t n, T mean, T* total, T* total_squares) {
  const Vec<T> m = set(mean);
  Vec<T> s0(0), s1(0), q0(0), q1(0);
  const auto add = [&](int64_t i, auto access, Vec<T>& s, Vec<T>& q) HWY_ATTR {
    const Vec<T> centred = access.only(access.load(x + i) - m);
    s = s + centred;
    q = mul_add(centred, centred, q);
  };
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D<T>()));
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    add(i, Whole<T>(), s0, q0);
    add(i + lanes, Whole<T>(), s1, q1);
  }
  for_vectors<T>(n - i, [&](int64_t k, auto access) HWY_ATTR { add(i + k, access, s0, q0); });
  *total = sum_of_lanes(s0 + s1);
  *total_squares = sum_of_lanes(q0 + q1);
}

template <class T>
void normalize(const T* x, int64_t n, T mean, T scale, const T* weight, const T* bias, T* y) {
  const Vec<T> m = set(mean), s = set(scale);
  for_vectors<T>(n, [&](int64_t i, auto access) HWY_ATTR {
    Vec<T> v = (access.load(x + i) - m) * s;
    if (weight != nullptr && bias != nullptr) {
      v = mul_add(v, access.load(weight + i), access.load(bias + i));
    } else if (weight != nullptr) {
      v = v * access.load(weight + i);
    } else if (bias != nullptr) {
      v = v + access.load(bias + i);
    }
    access.store(v, y + i);
  });
}

template <class T>
void affine(const T* x, int64_t n, T mean, T scale, T bias, T* y) {
  const Vec<T> m = set(mean), s = set(scale), b = set(bias);
  for_vectors<T>(n, [&](int64_t i, auto access)
                        HWY_ATTR { access.store(mul_add(access.load(x + i) - m, s, b), y + i); });
}

template <class T>
void products(const T* g, const T* x, int64_t n, T mean, const T* weight, T* sum_h, T* sum_hx) {
  const Vec<T> m = set(mean);
  Vec<T> h0(0), h1(0), p0(0), p1(0);
  const auto add = [&](int64_t i, auto access, Vec<T>& h_sum, Vec<T>& p_sum) HWY_ATTR {
    Vec<T> h = access.load(g + i);
    if (weight != nullptr) h = h * access.load(weight + i);
    h_sum = h_sum + h;
    p_sum = mul_add(h, access.only(access.load(x + i) - m), p_sum);
  };
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D<T>()));
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    add(i, Whole<T>(), h0, p0);
    add(i + lanes, Whole<T>(), h1, p1);
  }
  for_vectors<T>(n - i, [&](int64_t k, auto access) HWY_ATTR { add(i + k, access, h0, p0); });
  *sum_h = sum_of_lanes(h0 + h1);
  *sum_hx = sum_of_lanes(p0 + p1);
}

template <class T>
void gradient(const T* g, const T* x, int64_t n, T mean, const T* weight, T scale, T shift, T slope,
              T* gx) {
  const Vec<T> m = set(mean), s = set(scale), a = set(shift), k = set(slope);
  for_vectors<T>(n, [&](int64_t i, auto access) HWY_ATTR {
    Vec<T> h = access.load(g + i);
    if (weight != nullptr) h = h * access.load(weight + i);
    access.store(s * (h - a - (access.load(x + i) - m) * k), gx + i);
  });
}

template <class T>
void accumulate(const T* g, const T* x, int64_t n, T mean, T scale, T* gweight, T* gbias) {
  const Vec<T> m = set(mean), s = set(scale);
  for_vectors<T>(n, [&](int64_t i, auto access) HWY_ATTR {
    const Vec<T> v = access.load(g + i);
    const Vec<T> xhat = (access.load(x + i) - m) * s;
    access.store(mul_add(v, xhat, access.load(gweight + i)), gweight + i);
    if (gbias != nullptr) access.store(access.load(gbias + i) + v, gbias + i);
  });
}

// ---- Columns ----

template <class T>
void column_sums(const T* x, int64_t rows, int64_t stride, int64_t n, T* total) {
  for_vectors<T>(n, [&](int64_t j, auto access) HWY_ATTR {
    Vec<T> a(0), b(0);
    int64_t i = 0;
    for (; i + 2 <= rows; i += 2) {
      a = a + access.load(x + i * stride + j);
      b = b + access.load(x + (i + 1) * stride + j);
    }
    if (i < rows) a = a + access.load(x + i * stride + j);
    access.store(a + b, total + j);
  });
}

template <class T>
void column_deviations(const T* x, int64_t rows, int64_t stride, int64_t n, const T* mean, T* total,
                       T* total_squares) {
  for_vectors<T>(n, [&](int64_t j, auto access) HWY_ATTR {
    const Vec<T> m = access.load(mean + j);
    Vec<T> s(0), q(0);
    for (int64_t i = 0; i < rows; ++i) {
      const Vec<T> centred = access.load(x + i * stride + j) - m;
      s = s + centred;
      q = mul_add(centred, centred, q);
    }
    access.store(s, total + j);
    access.store(q, total_squares + j);
  });
}

template <class T>
void column_products(const T* g, const T* x, int64_t rows, int64_t stride, int64_t n, const T* mean,
                     T* sum_g, T* sum_gx) {
  for_vectors<T>(n, [&](int64_t j, auto access) HWY_ATTR {
    const Vec<T> m = access.load(mean + j);
    Vec<T> a(0), b(0);
    for (int64_t i = 0; i < rows; ++i) {
      const Vec<T> v = access.load(g + i * stride + j);
      a = a + v;
      b = mul_add(v, access.load(x + i * stride + j) - m, b);
    }
    access.store(a, sum_g + j);
    access.store(b, sum_gx + j);
  });
}

template <class T>
void column_affine(const T* x, int64_t rows, int64_t stride, int64_t n, const T* mean,
                   const T* scale, const T* bias, T* y) {
  for (int64_t i = 0; i < rows; ++i) {
    for_vectors<T>(n, [&](int64_t j, auto access) HWY_ATTR {
      const int64_t at = i * stride + j;
      access.store(mul_add(access.load(x + at) - access.load(mean + j), access.load(scale + j),
                           access.load(bias + j)),
                   y + at);
    });
  }
}

template <class T>
void column_gradient(const T* g, const T* x, int64_t rows, int64_t stride, int64_t n, const T* mean,
                     const T* scale, const T* shift, const T* slope, T* gx) {
  for (int64_t i = 0; i < rows; ++i) {
    for_vectors<T>(n, [&](int64_t j, auto access) HWY_ATTR {
      const int64_t at = i * stride + j;
      const Vec<T> bent = (access.load(x + at) - access.load(mean + j)) * access.load(slope + j);
      access.store(access.load(scale + j) * (access.load(g + at) - access.load(shift + j) - bent),
                   gx + at);
    });
  }
}

template <class T>
const NormRows<T>* rows() {
  static const NormRows<T> all = {sum<T>,
                                  squares<T>,
                                  deviations<T>,
                                  normalize<T>,
                                  affine<T>,
                                  products<T>,
                                  gradient<T>,
                                  accumulate<T>,
                                  column_sums<T>,
                                  column_deviations<T>,
                                  column_products<T>,
                                  column_affine<T>,
                                  column_gradient<T>};
  return &all;
}

const NormRows<float>* float_rows() { return rows<float>(); }
const NormRows<double>* double_rows() { return rows<double>(); }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(float_rows);
HWY_EXPORT(double_rows);
const NormRows<float>& norm_rows(float) { return *HWY_DYNAMIC_DISPATCH(float_rows)(); }
const NormRows<double>& norm_rows(double) { return *HWY_DYNAMIC_DISPATCH(double_rows)(); }
}  // namespace tessera::cpu
#endif  // HWY_ONCE
