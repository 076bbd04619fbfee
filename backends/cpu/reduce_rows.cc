// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/reduce_rows.h"

#include <algorithm>
#include <type_traits>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/reduce_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

template <class Op, class T>
HWY_INLINE T apply_scalar(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    using V = elementwise::Real<T>;
    return Op::apply(V(a), V(b)).value;
  } else {
    using V = elementwise::Integer<T>;
    return Op::apply(V(a), V(b)).value;
  }
}

// Vectors of floats, plain loops over integers (which the compiler vectorises).
template <class Op, class T>
struct Rows {
  static constexpr size_t kAccumulators = 4;

  static void row(const void* from, size_t n, void* to) {
    const T* x = static_cast<const T*>(from);
    T& y = *static_cast<T*>(to);
    if constexpr (std::is_floating_point_v<T>) {
      const hn::ScalableTag<T> d;
      const size_t lanes = hn::Lanes(d);
      size_t i = kAccumulators * lanes;
      if (n >= i) {
        Vec<T> a0 = load_vec(x), a1 = load_vec(x + lanes);
        Vec<T> a2 = load_vec(x + 2 * lanes), a3 = load_vec(x + 3 * lanes);
        for (; i + kAccumulators * lanes <= n; i += kAccumulators * lanes) {
          a0 = Op::apply(a0, load_vec(x + i));
          a1 = Op::apply(a1, load_vec(x + i + lanes));
          a2 = Op::apply(a2, load_vec(x + i + 2 * lanes));
          a3 = Op::apply(a3, load_vec(x + i + 3 * lanes));
        }
        for (; i + lanes <= n; i += lanes) a0 = Op::apply(a0, load_vec(x + i));
        a0 = Op::apply(Op::apply(a0, a1), Op::apply(a2, a3));
        HWY_ALIGN T buffer[hn::MaxLanes(d)];
        hn::Store(a0.v, d, buffer);
        for (size_t half = lanes / 2; half > 0; half /= 2) {
          for (size_t j = 0; j < half; ++j) {
            buffer[j] = apply_scalar<Op>(buffer[j], buffer[j + half]);
          }
        }
        y = buffer[0];
        for (; i < n; ++i) y = apply_scalar<Op>(y, x[i]);
        return;
      }
    }
    T value = x[0];
    for (size_t i = 1; i < n; ++i) value = apply_scalar<Op>(value, x[i]);
    y = value;
  }

  template <size_t kVectors>
  static HWY_INLINE void column_block(const T* x, size_t rows, size_t stride, T* y) {
    const hn::ScalableTag<T> d;
    const size_t lanes = hn::Lanes(d);
    Vec<T> a[kVectors];
    for (size_t k = 0; k < kVectors; ++k) a[k] = load_vec(x + k * lanes);
    for (size_t i = 1; i < rows; ++i) {
      for (size_t k = 0; k < kVectors; ++k) {
        a[k] = Op::apply(a[k], load_vec(x + i * stride + k * lanes));
      }
    }
    for (size_t k = 0; k < kVectors; ++k) hn::StoreU(a[k].v, d, y + k * lanes);
  }

  static void columns(const void* from, size_t rows, size_t stride, size_t n, void* to) {
    const T* x = static_cast<const T*>(from);
    T* y = static_cast<T*>(to);
    size_t j = 0;
    if constexpr (std::is_floating_point_v<T>) {
      const hn::ScalableTag<T> d;
      const size_t lanes = hn::Lanes(d);
      for (; j + 4 * lanes <= n; j += 4 * lanes) column_block<4>(x + j, rows, stride, y + j);
      for (; j + lanes <= n; j += lanes) column_block<1>(x + j, rows, stride, y + j);
      if (j == n) return;
      const auto mask = hn::FirstN(d, n - j);
      Vec<T> a(hn::MaskedLoad(mask, d, x + j));
      for (size_t i = 1; i < rows; ++i) {
        a = Op::apply(a, Vec<T>(hn::MaskedLoad(mask, d, x + i * stride + j)));
      }
      HWY_ALIGN T buffer[hn::MaxLanes(d)];
      hn::Store(a.v, d, buffer);
      std::copy_n(buffer, n - j, y + j);
    } else {
      std::copy_n(x, n, y);
      for (size_t i = 1; i < rows; ++i) combine(x + i * stride, n, y);
    }
  }

  static void combine(const void* from, size_t n, void* to) {
    const T* x = static_cast<const T*>(from);
    T* y = static_cast<T*>(to);
    for (size_t j = 0; j < n; ++j) y[j] = apply_scalar<Op>(y[j], x[j]);
  }

  static constexpr ReduceKernels kKernels = {row, columns, combine};
};

template <class Op>
const ReduceKernels* by_dtype(uint32_t dtype) {
  switch (dtype) {
    case TSR_FLOAT32:
      return &Rows<Op, float>::kKernels;
    case TSR_FLOAT64:
      return &Rows<Op, double>::kKernels;
    case TSR_INT32:
      return &Rows<Op, int32_t>::kKernels;
    case TSR_INT64:
      return &Rows<Op, int64_t>::kKernels;
    default:
      return &Rows<Op, uint8_t>::kKernels;
  }
}

const ReduceKernels* find(Reduction reduction, uint32_t dtype) {
  switch (reduction) {
    case Reduction::kSum:
      return by_dtype<ops::Add>(dtype);
    case Reduction::kProd:
      return by_dtype<ops::Mul>(dtype);
    case Reduction::kMax:
      return by_dtype<ops::Maximum>(dtype);
    default:
      return by_dtype<ops::Minimum>(dtype);
  }
}

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(find);

const ReduceKernels& reduce_kernels(Reduction reduction, uint32_t dtype) {
  return *HWY_DYNAMIC_DISPATCH(find)(reduction, dtype);
}

}  // namespace tessera::cpu
#endif  // HWY_ONCE
