// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/matmul.h"

#include <algorithm>

#include "tessera/backends/cpu/product.h"

namespace tessera::cpu {
namespace {

// The elements of a matrix or a stack of them, with strides for every dim.
template <class T>
struct Operand {
  const T* data;
  int64_t strides[kMaxRank];
};

// x where it stands if it has T's dtype, else a dense copy as T.
template <class T>
Operand<T> operand(Workspace& work, const TsrTensor& x) {
  Operand<T> result;
  if (x.dtype == native_dtype<T>()) {
    result.data = data_of<T>(x);
    std::copy_n(x.strides, x.rank, result.strides);
    return result;
  }
  result.data = work.dense<T>(x);
  int64_t stride = 1;
  for (uint32_t k = x.rank; k-- > 0;) {
    result.strides[k] = stride;
    stride *= x.shape[k];
  }
  return result;
}

// Merges dims [0, rank - 1) of x (.., m, k) into m, if their rows stand at one distance.
bool merge_rows(uint32_t rank, const int64_t* shape, const int64_t* strides, int64_t* rows,
                int64_t* row_stride) {
  *rows = 1;
  *row_stride = 0;
  for (uint32_t k = rank - 1; k-- > 0;) {
    if (shape[k] == 1) continue;
    if (*rows == 1) {
      *row_stride = strides[k];
    } else if (strides[k] != *rows * *row_stride) {
      return false;
    }
    *rows *= shape[k];
  }
  return true;
}

// a (B.., M, K), b (B.., K, N), y (B.., M, N)
template <class T>
void matmul(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const Operand<T> a = operand<T>(work, *node.inputs[0]);
  const Operand<T> b = operand<T>(work, *node.inputs[1]);
  T* const c = work.output<T>(y);
  const uint32_t rank = y.rank;
  const uint32_t batch_dims = rank - 2;
  Gemm<T> g = {};
  g.m = y.shape[rank - 2];
  g.n = y.shape[rank - 1];
  g.k = node.inputs[0]->shape[rank - 1];
  g.a_row = a.strides[rank - 2];
  g.a_column = a.strides[rank - 1];
  g.b_row = b.strides[rank - 2];
  g.b_column = b.strides[rank - 1];
  g.c_row = g.n;
  bool same_b = true;
  int64_t batches = 1;
  for (uint32_t k = 0; k < batch_dims; ++k) {
    batches *= y.shape[k];
    same_b = same_b && (b.strides[k] == 0 || y.shape[k] == 1);
  }
  if (batches == 0) return;
  int64_t rows, row_stride;
  if (same_b && merge_rows(rank, node.inputs[0]->shape, a.strides, &rows, &row_stride)) {
    g.m = rows;
    g.a_row = row_stride;
    batches = 1;
  }
  if (batches == 1) {
    g.a = a.data;
    g.b = b.data;
    g.c = c;
    multiply(stream, work, g);
    return;
  }
  ThreadPool& pool = pool_of(stream);
  if (batches < 2 * pool.threads()) {
    Odometer a_at(batch_dims, y.shape, a.strides);
    Odometer b_at(batch_dims, y.shape, b.strides);
    for (int64_t i = 0; i < batches; ++i) {
      g.a = a.data + a_at.offset();
      g.b = b.data + b_at.offset();
      g.c = c + i * g.m * g.n;
      Workspace inner(stream, nullptr);
      multiply(stream, inner, g);
      a_at.next();
      b_at.next();
    }
    return;
  }
  // Many small products: each on one thread, a few at a time.
  const GemmKernels<T>& kernels = gemm_kernels(T());
  const size_t scratch = (kernels.scratch_bytes(g, g.n) + 63) / 64 * 64;
  const int64_t work_each = g.m * g.n * std::max<int64_t>(1, g.k);
  const int64_t tasks = std::clamp<int64_t>(batches * work_each / 2'000'000, 1,
                                            pool.threads() == 1 ? 1 : 4 * pool.threads());
  char* const memory = scratch == 0 ? nullptr : work.array<char>(scratch * tasks);
  pool.for_each(tasks, [&](size_t task) {
    const int64_t begin = batches * task / tasks;
    const int64_t end = batches * (task + 1) / tasks;
    Odometer a_at(batch_dims, y.shape, a.strides);
    Odometer b_at(batch_dims, y.shape, b.strides);
    a_at.seek(begin);
    b_at.seek(begin);
    Gemm<T> one = g;
    for (int64_t i = begin; i < end; ++i) {
      one.a = a.data + a_at.offset();
      one.b = b.data + b_at.offset();
      one.c = c + i * g.m * g.n;
      kernels.run(one, 0, one.m, 0, one.n, memory == nullptr ? nullptr : memory + scratch * task);
      a_at.next();
      b_at.next();
    }
  });
}

// Integers wrap; T is unsigned.
template <class T>
void matmul_integers(TsrStream* stream, const TsrNode& node) {
  const TsrTensor& a = *node.inputs[0];
  const TsrTensor& b = *node.inputs[1];
  const TsrTensor& y = *node.outputs[0];
  const uint32_t rank = y.rank;
  const int64_t n = y.shape[rank - 1];
  const int64_t depth = a.shape[rank - 1];
  if (element_count(y) == 0) return;
  // One row of y after the other: a's row dim runs along, b's does not.
  int64_t b_strides[kMaxRank];
  std::copy_n(b.strides, rank, b_strides);
  b_strides[rank - 2] = 0;
  pool_of(stream).ranges(
      element_count(y) / n, (32 << 10) / (n * (depth + 1)) + 1,
      [&](size_t begin, size_t end) {
        Odometer a_at(rank - 1, y.shape, a.strides);
        Odometer b_at(rank - 1, y.shape, b_strides);
        a_at.seek(begin);
        b_at.seek(begin);
        for (size_t row = begin; row < end; ++row) {
          T* const to = data_of<T>(y) + row * n;
          std::fill_n(to, n, T(0));
          for (int64_t k = 0; k < depth; ++k) {
            const T x = data_of<T>(a)[a_at.offset() + k * a.strides[rank - 1]];
            const T* const from = data_of<T>(b) + b_at.offset() + k * b.strides[rank - 2];
            for (int64_t j = 0; j < n; ++j) {
              to[j] = static_cast<T>(to[j] + x * from[j * b.strides[rank - 1]]);
            }
          }
          a_at.next();
          b_at.next();
        }
      },
      1);
}

TsrStatus check_matmul(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (node.inputs[0]->dtype != dtype || node.inputs[1]->dtype != dtype || dtype == TSR_BOOL) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (node.outputs[0]->rank < 2 || node.inputs[0]->rank != node.outputs[0]->rank ||
      node.inputs[1]->rank != node.outputs[0]->rank) {
    return unsupported(node, "rank", message);
  }
  return TSR_OK;
}

TsrStatus run_matmul(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  switch (node.outputs[0]->dtype) {
    case TSR_FLOAT64:
      matmul<double>(stream, work, node);
      break;
    case TSR_INT32:
      matmul_integers<uint32_t>(stream, node);
      break;
    case TSR_INT64:
      matmul_integers<uint64_t>(stream, node);
      break;
    case TSR_UINT8:
      matmul_integers<uint8_t>(stream, node);
      break;
    default:
      matmul<float>(stream, work, node);
      break;
  }
  work.finish();
  return TSR_OK;
}

// x (B.., K), w (N, K), b (N), y (B.., N)
template <class T>
void linear(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[0];
  const Operand<T> a = operand<T>(work, x);
  const Operand<T> w = operand<T>(work, *node.inputs[1]);
  Gemm<T> g = {};
  g.n = node.inputs[1]->shape[0];
  g.k = node.inputs[1]->shape[1];
  g.a = a.data;
  g.a_column = a.strides[x.rank - 1];
  if (!merge_rows(x.rank, x.shape, a.strides, &g.m, &g.a_row)) {
    g.a = work.dense<T>(x);
    g.m = element_count(*node.outputs[0]) / std::max<int64_t>(1, g.n);
    g.a_row = g.k;
    g.a_column = 1;
  }
  g.b = w.data;
  g.b_row = w.strides[1];
  g.b_column = w.strides[0];
  g.bias = node.n_inputs == 3 ? work.dense<T>(*node.inputs[2]) : nullptr;
  g.c = work.output<T>(*node.outputs[0]);
  g.c_row = g.n;
  multiply(stream, work, g);
}

TsrStatus check_linear(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, node.n_inputs == 3 ? 3 : 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool same = is_floating(dtype);
  for (uint32_t i = 0; i < node.n_inputs; ++i) same = same && node.inputs[i]->dtype == dtype;
  if (!same) return unsupported(node, "combination of dtypes", message);
  if (node.inputs[0]->rank < 1 || node.inputs[1]->rank != 2) {
    return unsupported(node, "rank", message);
  }
  return TSR_OK;
}

TsrStatus run_linear(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  if (node.outputs[0]->dtype == TSR_FLOAT64) {
    linear<double>(stream, work, node);
  } else {
    linear<float>(stream, work, node);
  }
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"matmul", make_kernel<check_matmul, run_matmul>()},
    {"linear", make_kernel<check_linear, run_linear>()},
};

}  // namespace

std::span<const KernelEntry> matmul_kernels() { return kEntries; }

}  // namespace tessera::cpu
