// SPDX-License-Identifier: Apache-2.0
//
// Batches of square matrices, by OpenBLAS on one thread each. Its matrices stand by columns, so
// what it sees is the transpose of a row-major one.
#include "tessera/backends/cpu/linalg.h"

#include <algorithm>
#include <utility>

#include "tessera/backends/cpu/openblas.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int kRowMajor = 101, kNoTranspose = 111, kUpper = 121, kLower = 122, kNonUnit = 131,
              kUnit = 132, kLeft = 141;

TsrStatus check_form(const TsrNode& node, uint32_t inputs, uint32_t outputs, uint32_t ints,
                     TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, outputs, ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool fits = (dtype == TSR_FLOAT32 || dtype == TSR_FLOAT64) && node.inputs[0]->rank >= 2;
  for (uint32_t i = 0; i < inputs; ++i) fits = fits && node.inputs[i]->dtype == dtype;
  if (!fits) return unsupported(node, "dtype or rank", message);
  const char* why = nullptr;
  if (open_blas(&why) == nullptr) {
    return fail(message, TSR_UNIMPLEMENTED,
                "wants OpenBLAS (Debian: libopenblas0, Fedora: openblas), which cannot be used: %s",
                why);
  }
  return TSR_OK;
}

template <uint32_t inputs, uint32_t outputs, uint32_t ints>
TsrStatus check_linalg(const TsrNode& node, TsrMessage* message) {
  return check_form(node, inputs, outputs, ints, message);
}

// A node's matrices (count, n, n).
struct Matrices {
  explicit Matrices(const TsrTensor& a)
      : n(static_cast<int>(a.shape[a.rank - 1])),
        size(int64_t{n} * n),
        count(size == 0 ? 0 : element_count(a) / size) {}
  int n;
  int64_t size;
  int64_t count;
};

// Calls f(i) for every matrix; `work` is some number of multiplications for each.
template <class F>
void for_each_matrix(TsrStream* stream, int64_t count, int64_t work, F f) {
  constexpr int64_t kGrain = 30000;  // multiplications that are worth a thread
  pool_of(stream).ranges(
      static_cast<size_t>(count), static_cast<size_t>(kGrain / std::max<int64_t>(work, 1) + 1),
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) f(static_cast<int64_t>(i));
      },
      1);
}

// The first matrix whose `info` is positive; -1 if there is none.
int64_t first_failure(const int* info, int64_t count) {
  const int* const place = std::find_if(info, info + count, [](int i) { return i > 0; });
  return place == info + count ? -1 : place - info;
}

// x (rows, columns) -> y (columns, rows)
template <class T>
void transpose(const T* x, int64_t rows, int64_t columns, T* y) {
  constexpr int64_t kTile = 32;
  for (int64_t i0 = 0; i0 < rows; i0 += kTile) {
    for (int64_t j0 = 0; j0 < columns; j0 += kTile) {
      for (int64_t i = i0; i < std::min(rows, i0 + kTile); ++i) {
        for (int64_t j = j0; j < std::min(columns, j0 + kTile); ++j) {
          y[j * rows + i] = x[i * columns + j];
        }
      }
    }
  }
}

const OpenBlas& opened() {
  const char* why = nullptr;
  return *open_blas(&why);  // check_form has seen that it is there
}

// Runs kernel<T>(stream, node, message) for the node's dtype.
template <class Kernel>
TsrStatus by_dtype(const TsrNode& node, Kernel kernel) {
  return node.outputs[0]->dtype == TSR_FLOAT64 ? kernel(double()) : kernel(float());
}

// a (B.., n, n) -> L. Seen by columns, its lower triangle is the upper one: U^T U with U = L^T.
TsrStatus run_cholesky(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  return by_dtype(node, [&]<class T>(T) -> TsrStatus {
    const Matrices m(*node.inputs[0]);
    if (m.count == 0) return TSR_OK;
    Workspace work(stream, message);
    const T* const a = work.dense<T>(*node.inputs[0]);
    T* const l = work.output<T>(*node.outputs[0]);
    int* const info = work.array<int>(m.count);
    for_each_matrix(stream, m.count, m.size * m.n / 3, [&](int64_t b) {
      T* const out = l + b * m.size;
      for (int64_t i = 0; i < m.n; ++i) {
        const T* const row = a + b * m.size + i * m.n;
        std::copy(row, row + i + 1, out + i * m.n);
        std::fill(out + i * m.n + i + 1, out + (i + 1) * m.n, T(0));
      }
      opened().of<T>().potrf("U", &m.n, out, &m.n, info + b, 1);
      // It lets nan pass.
      for (int i = 0; info[b] == 0 && i < m.n; ++i) {
        if (!(out[int64_t{i} * m.n + i] > 0)) info[b] = i + 1;
      }
    });
    if (const int64_t b = first_failure(info, m.count); b >= 0) {
      return fail(message, TSR_INVALID_ARGUMENT,
                  "%s: the leading minor of order %d of matrix %lld is not positive definite",
                  node.op, info[b], static_cast<long long>(b));
    }
    work.finish();
    return TSR_OK;
  });
}

// a (B.., n, n), b (B.., n, k) -> x. Seen by columns a is its transpose, which getrs undoes.
TsrStatus run_solve(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  return by_dtype(node, [&]<class T>(T) -> TsrStatus {
    const Matrices m(*node.inputs[0]);
    if (m.count == 0) return TSR_OK;
    const TsrTensor& x = *node.outputs[0];
    const int k = static_cast<int>(x.shape[x.rank - 1]);
    const int64_t columns = int64_t{m.n} * k;
    Workspace work(stream, message);
    const T* const a = work.dense<T>(*node.inputs[0]);
    const T* const right = work.dense<T>(*node.inputs[1]);
    T* const out = work.output<T>(x);
    T* const factors = work.array<T>(m.count * m.size);
    T* const by_columns = work.array<T>(m.count * columns);
    int* const pivots = work.array<int>(m.count * m.n);
    int* const info = work.array<int>(m.count);
    for_each_matrix(stream, m.count, m.size * (m.n / 3 + k), [&](int64_t b) {
      T* const lu = factors + b * m.size;
      T* const rows = by_columns + b * columns;
      int* const pivot = pivots + b * m.n;
      std::copy_n(a + b * m.size, m.size, lu);
      opened().of<T>().getrf(&m.n, &m.n, lu, &m.n, pivot, info + b);
      if (info[b] != 0 || k == 0) return;
      transpose(right + b * columns, m.n, k, rows);
      int ignored = 0;
      opened().of<T>().getrs("T", &m.n, &k, lu, &m.n, pivot, rows, &m.n, &ignored, 1);
      transpose(rows, k, m.n, out + b * columns);
    });
    if (const int64_t b = first_failure(info, m.count); b >= 0) {
      return fail(message, TSR_INVALID_ARGUMENT, "%s: matrix %lld is singular", node.op,
                  static_cast<long long>(b));
    }
    work.finish();
    return TSR_OK;
  });
}

// a (B.., n, n), b (B.., n, k) -> x; ints: upper, unitriangular
TsrStatus run_solve_triangular(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  return by_dtype(node, [&]<class T>(T) -> TsrStatus {
    const Matrices m(*node.inputs[0]);
    if (m.count == 0) return TSR_OK;
    const TsrTensor& x = *node.outputs[0];
    const int k = static_cast<int>(x.shape[x.rank - 1]);
    const int64_t columns = int64_t{m.n} * k;
    if (columns == 0) return TSR_OK;
    const int triangle = node.ints[0] != 0 ? kUpper : kLower;
    const int diagonal = node.ints[1] != 0 ? kUnit : kNonUnit;
    Workspace work(stream, message);
    const T* const a = work.dense<T>(*node.inputs[0]);
    const T* const right = work.dense<T>(*node.inputs[1]);
    T* const out = work.output<T>(x);
    for_each_matrix(stream, m.count, columns * m.n / 2, [&](int64_t b) {
      std::copy_n(right + b * columns, columns, out + b * columns);
      opened().of<T>().trsm(kRowMajor, kLeft, triangle, kNoTranspose, diagonal, m.n, k, T(1),
                            a + b * m.size, m.n, out + b * columns, k);
    });
    work.finish();
    return TSR_OK;
  });
}

// a (B.., n, n) -> LU, order of rows int64 (B.., n)
TsrStatus run_lu_factor(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  return by_dtype(node, [&]<class T>(T) -> TsrStatus {
    const Matrices m(*node.inputs[0]);
    if (m.count == 0) return TSR_OK;
    Workspace work(stream, message);
    const T* const a = work.dense<T>(*node.inputs[0]);
    T* const out = work.output<T>(*node.outputs[0]);
    int64_t* const order = data_of<int64_t>(*node.outputs[1]);
    T* const by_columns = work.array<T>(m.count * m.size);
    int* const pivots = work.array<int>(m.count * m.n);
    for_each_matrix(stream, m.count, m.size * m.n / 3, [&](int64_t b) {
      T* const lu = by_columns + b * m.size;
      int* const pivot = pivots + b * m.n;
      transpose(a + b * m.size, m.n, m.n, lu);
      int singular = 0;  // leaves a zero on U's diagonal, and the factors are right all the same
      opened().of<T>().getrf(&m.n, &m.n, lu, &m.n, pivot, &singular);
      transpose(lu, m.n, m.n, out + b * m.size);
      int64_t* const rows = order + b * m.n;
      for (int64_t i = 0; i < m.n; ++i) rows[i] = i;
      for (int64_t i = 0; i < m.n; ++i) std::swap(rows[i], rows[pivot[i] - 1]);
    });
    work.finish();
    return TSR_OK;
  });
}

constexpr KernelEntry kEntries[] = {
    {"linalg.cholesky", make_kernel<check_linalg<1, 1, 0>, run_cholesky>()},
    {"linalg.solve", make_kernel<check_linalg<2, 1, 0>, run_solve>()},
    {"linalg.solve_triangular", make_kernel<check_linalg<2, 1, 2>, run_solve_triangular>()},
    {"linalg.lu_factor", make_kernel<check_linalg<1, 2, 0>, run_lu_factor>()},
};

}  // namespace

std::span<const KernelEntry> linalg_kernels() { return kEntries; }

}  // namespace tessera::cpu
