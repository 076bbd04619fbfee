// SPDX-License-Identifier: Apache-2.0
//
// A block of c is kept in registers while k runs (`tile`): kRows broadcasts from a times a few
// vectors of b. b is copied into strips that are read in order, unless it is small and already in
// rows; a is read where it stands. Products with few rows or few columns go by dot products instead
// where a's rows and b's columns are contiguous in k: with few rows, copying b would cost more than
// it saves; with few columns, most lanes of a tile would be empty.
#include "tessera/backends/cpu/gemm.h"

#include <algorithm>

#include "hwy/cache_control.h"
#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using D = hn::ScalableTag<T>;
template <class T>
using V = hn::VFromD<D<T>>;

// The block of c in registers: with 32 vector registers 8 rows of 3 vectors, with 16 half of it.
// Dot products: a vector of partial sums for each element of a smaller block.
#if HWY_TARGET == HWY_AVX3
constexpr int kRows = 8;
constexpr int kDotRows = 4;
constexpr int kDotColumns = 6;
#else
constexpr int kRows = 4;
constexpr int kDotRows = 2;
constexpr int kDotColumns = 5;
#endif
constexpr int kVectors = 3;

// b in scratch memory: kDepth of k by at most kStrips strips, which the second-level cache holds.
constexpr int64_t kDepth = 256;
constexpr int64_t kStrips = 8;

// Rows of b by which memory is asked for ahead: where b stands in place, the next row is too far
// away for the processor to guess.
constexpr int64_t kAhead = 8;

template <class T>
int64_t strip_columns() {
  return kVectors * static_cast<int64_t>(hn::Lanes(D<T>()));
}

// Where a tile goes, and what is added to it.
template <class T>
struct Target {
  T* c;
  int64_t c_row;
  const T* bias;    // null: none
  bool accumulate;  // adds to c
};

// c (rows, vectors) = a (rows, k) b (k, vectors). `last`: columns in the last vector.
template <class T, int rows, int vectors, bool partial>
HWY_NOINLINE void tile(int64_t k, const T* HWY_RESTRICT a, int64_t a_row, int64_t a_column,
                       const T* HWY_RESTRICT b, int64_t b_row, const Target<T>& to, size_t last) {
  const D<T> d;
  const size_t lanes = hn::Lanes(d);
  const auto mask = hn::FirstN(d, partial ? last : lanes);
  V<T> sum[rows][vectors];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) sum[i][j] = hn::Zero(d);
  }
  for (; k > 0; --k) {
    V<T> column[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      column[j] = partial && j == vectors - 1 ? hn::MaskedLoad(mask, d, b + j * lanes)
                                              : hn::LoadU(d, b + j * lanes);
      hwy::Prefetch(b + kAhead * b_row + j * lanes);
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      const V<T> x = hn::Set(d, a[i * a_row]);
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) sum[i][j] = hn::MulAdd(x, column[j], sum[i][j]);
    }
    a += a_column;
    b += b_row;
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      T* const c = to.c + i * to.c_row + j * lanes;
      const bool cut = partial && j == vectors - 1;
      V<T> v = sum[i][j];
      if (to.bias != nullptr) {
        v = hn::Add(v, cut ? hn::MaskedLoad(mask, d, to.bias + j * lanes)
                           : hn::LoadU(d, to.bias + j * lanes));
      }
      if (to.accumulate) {
        v = hn::Add(v, cut ? hn::MaskedLoad(mask, d, c) : hn::LoadU(d, c));
      }
      if (cut) {
        hn::BlendedStore(v, mask, d, c);
      } else {
        hn::StoreU(v, d, c);
      }
    }
  }
}

template <class T, int rows, bool partial>
HWY_INLINE void tile_of(int64_t vectors, int64_t k, const T* a, int64_t a_row, int64_t a_column,
                        const T* b, int64_t b_row, const Target<T>& to, size_t last) {
  switch (vectors) {
    case 1:
      return tile<T, rows, 1, partial>(k, a, a_row, a_column, b, b_row, to, last);
    case 2:
      return tile<T, rows, 2, partial>(k, a, a_row, a_column, b, b_row, to, last);
    default:
      return tile<T, rows, 3, partial>(k, a, a_row, a_column, b, b_row, to, last);
  }
}

template <class T, int rows>
HWY_INLINE void tile_columns(int64_t columns, int64_t k, const T* a, int64_t a_row,
                             int64_t a_column, const T* b, int64_t b_row, const Target<T>& to) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D<T>()));
  const int64_t vectors = (columns + lanes - 1) / lanes;
  const size_t last = static_cast<size_t>(columns - (vectors - 1) * lanes);
  if (last == static_cast<size_t>(lanes)) {
    tile_of<T, rows, false>(vectors, k, a, a_row, a_column, b, b_row, to, last);
  } else {
    tile_of<T, rows, true>(vectors, k, a, a_row, a_column, b, b_row, to, last);
  }
}

// All rows of one strip of columns, at most kVectors vectors wide.
template <class T>
HWY_INLINE void tile_block(int64_t rows, int64_t columns, int64_t k, const T* a, int64_t a_row,
                           int64_t a_column, const T* b, int64_t b_row, Target<T> to) {
  while (rows > 0) {
    int64_t done;
    if (rows >= kRows) {
      tile_columns<T, kRows>(columns, k, a, a_row, a_column, b, b_row, to);
      done = kRows;
    } else if (rows >= 4) {
      tile_columns<T, 4>(columns, k, a, a_row, a_column, b, b_row, to);
      done = 4;
    } else if (rows >= 2) {
      tile_columns<T, 2>(columns, k, a, a_row, a_column, b, b_row, to);
      done = 2;
    } else {
      tile_columns<T, 1>(columns, k, a, a_row, a_column, b, b_row, to);
      done = 1;
    }
    a += done * a_row;
    to.c += done * to.c_row;
    rows -= done;
  }
}

// ---- Strips of b -------------------------------------------------------------------------------

template <class T>
void pack_strip(const T* b, int64_t b_row, int64_t b_column, int64_t k, int64_t columns, T* to,
                int64_t width) {
  int64_t j = 0;
  if (b_column == 1) {
    for (int64_t i = 0; i < k; ++i) {
      std::copy_n(b + i * b_row, columns, to + i * width);
    }
    j = columns;
  } else if (b_row == 1) {
    for (; j + 4 <= columns; j += 4) transpose4(b + j * b_column, b_column, k, to + j, width);
  }
  for (; j < columns; ++j) {
    for (int64_t i = 0; i < k; ++i) to[i * width + j] = b[i * b_row + j * b_column];
  }
  if (columns < width) {
    for (int64_t i = 0; i < k; ++i) {
      std::fill(to + i * width + columns, to + (i + 1) * width, T(0));
    }
  }
}

// ---- Dot products ------------------------------------------------------------------------------

// c (rows, columns) = a b where both run along k with stride 1.
template <class T, int rows, int columns>
HWY_NOINLINE void dots(int64_t k, const T* HWY_RESTRICT a, int64_t a_row, const T* HWY_RESTRICT b,
                       int64_t b_column, const Target<T>& to) {
  const D<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V<T> sum[rows][columns];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) sum[i][j] = hn::Zero(d);
  }
  int64_t p = 0;
  for (; p + lanes <= k; p += lanes) {
    V<T> x[rows];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) x[i] = hn::LoadU(d, a + i * a_row + p);
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      const V<T> y = hn::LoadU(d, b + j * b_column + p);
#pragma GCC unroll 8
      for (int i = 0; i < rows; ++i) sum[i][j] = hn::MulAdd(x[i], y, sum[i][j]);
    }
  }
  if (p < k) {
    const auto mask = hn::FirstN(d, static_cast<size_t>(k - p));
    V<T> x[rows];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) x[i] = hn::MaskedLoad(mask, d, a + i * a_row + p);
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      const V<T> y = hn::MaskedLoad(mask, d, b + j * b_column + p);
#pragma GCC unroll 8
      for (int i = 0; i < rows; ++i) sum[i][j] = hn::MulAdd(x[i], y, sum[i][j]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      const T value = hn::GetLane(hn::SumOfLanes(d, sum[i][j]));
      T& c = to.c[i * to.c_row + j];
      c = value + (to.bias != nullptr ? to.bias[j] : T(0)) + (to.accumulate ? c : T(0));
    }
  }
}

template <class T, int rows>
HWY_INLINE void dots_of(int64_t columns, int64_t k, const T* a, int64_t a_row, const T* b,
                        int64_t b_column, const Target<T>& to) {
  switch (columns) {
    case 1:
      return dots<T, rows, 1>(k, a, a_row, b, b_column, to);
    case 2:
      return dots<T, rows, 2>(k, a, a_row, b, b_column, to);
    case 3:
      return dots<T, rows, 3>(k, a, a_row, b, b_column, to);
    case 4:
      return dots<T, rows, 4>(k, a, a_row, b, b_column, to);
    case 5:
      return dots<T, rows, 5>(k, a, a_row, b, b_column, to);
    default:
      return dots<T, rows, kDotColumns>(k, a, a_row, b, b_column, to);
  }
}

// Columns [n0, n1) in the fewest blocks, of about equal width.
template <class T, int rows>
HWY_INLINE void dot_rows(const Gemm<T>& g, int64_t i, int64_t n0, int64_t n1) {
  const T* const a = g.a + i * g.a_row;
  for (int64_t j = n0; j < n1;) {
    const int64_t blocks = (n1 - j + kDotColumns - 1) / kDotColumns;
    const int64_t columns = (n1 - j + blocks - 1) / blocks;
    const Target<T> to = {g.c + i * g.c_row + j, g.c_row, g.bias == nullptr ? nullptr : g.bias + j,
                          g.add};
    dots_of<T, rows>(columns, g.k, a, g.a_row, g.b + j * g.b_column, g.b_column, to);
    j += columns;
  }
}

template <class T>
void run_dots(const Gemm<T>& g, int64_t m0, int64_t m1, int64_t n0, int64_t n1) {
  int64_t i = m0;
  for (; i + kDotRows <= m1; i += kDotRows) dot_rows<T, kDotRows>(g, i, n0, n1);
  for (; i < m1; ++i) dot_rows<T, 1>(g, i, n0, n1);
}

// ---- The whole product -------------------------------------------------------------------------

// Few columns: their partial sums have to be worth adding up, and b is read again for every few
// rows.
template <class T>
bool by_dots(const Gemm<T>& g) {
  if (g.a_column != 1 || g.b_row != 1) return false;
  if (g.m <= 4) return g.k >= 4;
  return g.n <= 16 && g.k >= 64 && g.k * g.n * static_cast<int64_t>(sizeof(T)) <= (256 << 10);
}

// Whether b's rows can be read where they stand.
template <class T>
bool in_place(const Gemm<T>& g) {
  return g.b_column == 1 &&
         (g.m <= 2 * kRows || g.k * g.n * static_cast<int64_t>(sizeof(T)) <= (int64_t{96} << 10));
}

template <class T>
size_t scratch_bytes(const Gemm<T>& g, int64_t columns) {
  if (by_dots(g) || in_place(g)) return 0;
  const int64_t width = strip_columns<T>();
  const int64_t strips = std::min(kStrips, (columns + width - 1) / width);
  return static_cast<size_t>(std::min(kDepth, g.k) * strips * width) * sizeof(T);
}

template <class T>
void run(const Gemm<T>& g, int64_t m0, int64_t m1, int64_t n0, int64_t n1, void* scratch) {
  if (by_dots(g)) return run_dots(g, m0, m1, n0, n1);
  const int64_t width = strip_columns<T>();
  const bool direct = in_place(g);
  T* const packed = static_cast<T*>(scratch);
  for (int64_t block = n0; block < n1; block += kStrips * width) {
    const int64_t end = std::min(n1, block + kStrips * width);
    int64_t first = 0;
    do {  // once for k = 0 too
      const int64_t depth = std::min(kDepth, g.k - first);
      if (!direct) {
        for (int64_t j = block; j < end; j += width) {
          pack_strip(g.b + first * g.b_row + j * g.b_column, g.b_row, g.b_column, depth,
                     std::min(width, end - j), packed + (j - block) * depth, width);
        }
      }
      // Rows outside: a's stay in the first-level cache while the strips pass.
      for (int64_t i = m0; i < m1; i += kRows) {
        const int64_t rows = std::min<int64_t>(kRows, m1 - i);
        for (int64_t j = block; j < end; j += width) {
          const Target<T> to = {g.c + i * g.c_row + j, g.c_row,
                                first == 0 && g.bias != nullptr ? g.bias + j : nullptr,
                                first != 0 || g.add};
          tile_block(rows, std::min(width, end - j), depth, g.a + i * g.a_row + first * g.a_column,
                     g.a_row, g.a_column,
                     direct ? g.b + first * g.b_row + j : packed + (j - block) * depth,
                     direct ? g.b_row : width, to);
        }
      }
      first += kDepth;
    } while (first < g.k);
  }
}

template <class T>
void pack_strips(const Gemm<T>& g, T* strips) {
  const int64_t width = strip_columns<T>();
  for (int64_t j = 0; j < g.n; j += width) {
    pack_strip(g.b + j * g.b_column, g.b_row, g.b_column, g.k, std::min(width, g.n - j),
               strips + j * g.k, width);
  }
}

// Strips outside: one is in the first-level cache while the rows of a pass.
template <class T>
void run_strips(const Gemm<T>& g, int64_t m0, int64_t m1, const T* strips) {
  const int64_t width = strip_columns<T>();
  for (int64_t j = 0; j < g.n; j += width) {
    int64_t first = 0;
    do {  // once for k = 0 too
      const int64_t depth = std::min(kDepth, g.k - first);
      const Target<T> to = {g.c + m0 * g.c_row + j, g.c_row,
                            first == 0 && g.bias != nullptr ? g.bias + j : nullptr,
                            first != 0 || g.add};
      tile_block(m1 - m0, std::min(width, g.n - j), depth, g.a + m0 * g.a_row + first * g.a_column,
                 g.a_row, g.a_column, strips + j * g.k + first * width, width, to);
      first += kDepth;
    } while (first < g.k);
  }
}

template <class T>
const GemmKernels<T>* kernels() {
  static const GemmKernels<T> all = {kRows,          strip_columns<T>(), scratch_bytes<T>, run<T>,
                                     pack_strips<T>, run_strips<T>,      pack_strip<T>};
  return &all;
}

const GemmKernels<float>* float_kernels() { return kernels<float>(); }
const GemmKernels<double>* double_kernels() { return kernels<double>(); }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(float_kernels);
HWY_EXPORT(double_kernels);

const GemmKernels<float>& gemm_kernels(float) { return *HWY_DYNAMIC_DISPATCH(float_kernels)(); }
const GemmKernels<double>& gemm_kernels(double) { return *HWY_DYNAMIC_DISPATCH(double_kernels)(); }

}  // namespace tessera::cpu
#endif  // HWY_ONCE
