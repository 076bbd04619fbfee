// SPDX-License-Identifier: Apache-2.0
//
// Products by cuBLASLt where it is there and knows the dtype, else by a kernel of this plugin.
#include "tessera/backends/cuda/matmul.h"

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/matmul_blas.h"
#include "tessera/backends/cuda/matmul_tiles.h"

namespace tessera::cuda {
namespace {

bool is_floating(uint32_t dtype) {
  return dtype == TSR_FLOAT32 || dtype == TSR_FLOAT64 || dtype == TSR_FLOAT16 ||
         dtype == TSR_BFLOAT16;
}

// a (B.., M, K), b (B.., K, N), [bias (N)], y (B.., M, N) dense
void multiply(Launcher& launcher, const TsrTensor& a, const TsrTensor& b, const TsrTensor* bias,
              const TsrTensor& y) {
  if (element_count(y) == 0) return;
  const bool has_terms = a.shape[a.rank - 1] > 0;
  if (is_floating(y.dtype) && has_terms && multiply_by_blas(launcher, a, b, bias, y)) return;
  multiply_by_tiles(launcher, a, b, bias, y);
}

// ---- matmul -------------------------------------------------------------------------------------

TsrStatus check_matmul(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor &a = *node.inputs[0], &b = *node.inputs[1], &y = *node.outputs[0];
  if (y.dtype == TSR_BOOL || a.dtype != y.dtype || b.dtype != y.dtype) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (y.rank < 2 || a.rank != y.rank || b.rank != y.rank) return unsupported(node, "rank", message);
  return TSR_OK;
}

void run_matmul(Launcher& launcher, const TsrNode& node) {
  multiply(launcher, *node.inputs[0], *node.inputs[1], nullptr, *node.outputs[0]);
}

// ---- linear -------------------------------------------------------------------------------------

TsrStatus check_linear(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 2) TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 3, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, node.n_inputs, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  if (!is_floating(y.dtype)) return unsupported(node, "dtype", message);
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (node.inputs[i]->dtype != y.dtype)
      return unsupported(node, "combination of dtypes", message);
  }
  if (y.rank < 1 || node.inputs[0]->rank != y.rank || node.inputs[1]->rank != 2) {
    return unsupported(node, "rank", message);
  }
  return TSR_OK;
}

// A view of t's memory as a matrix.
struct Matrix {
  Matrix(const TsrTensor& t, int64_t rows, int64_t columns, int64_t row_stride,
         int64_t column_stride)
      : shape{rows, columns}, strides{row_stride, column_stride}, tensor(t) {
    tensor.rank = 2;
    tensor.shape = shape;
    tensor.strides = strides;
  }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;

  int64_t shape[2], strides[2];
  TsrTensor tensor;
};

// The distance between the rows of t (B.., K), if all of them are as far apart.
bool find_row_stride(const TsrTensor& t, int64_t* stride) {
  int64_t rows = 1;
  *stride = 0;
  for (uint32_t k = t.rank - 1; k-- > 0;) {
    if (t.shape[k] == 1) continue;
    if (rows == 1) {
      *stride = t.strides[k];
    } else if (t.strides[k] != *stride * rows) {
      return false;
    }
    rows *= t.shape[k];
  }
  return true;
}

// x (B.., K), w (N, K), [bias (N)] -> y (B.., N)
void run_linear(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &w = *node.inputs[1], &y = *node.outputs[0];
  const int64_t n = w.shape[0], k = w.shape[1];
  if (element_count(y) == 0) return;
  const int64_t rows = element_count(y) / n;
  TsrTensor data = x;
  int64_t row_stride = k, column_stride = x.strides[x.rank - 1];
  if (!find_row_stride(x, &row_stride)) {
    data.data = const_cast<void*>(dense_elements(launcher, x));
    row_stride = k;
    column_stride = 1;
  }
  const Matrix a(data, rows, k, row_stride, column_stride);
  const Matrix b(w, k, n, w.strides[1], w.strides[0]);
  const Matrix product(y, rows, n, n, 1);
  multiply(launcher, a.tensor, b.tensor, node.n_inputs == 3 ? node.inputs[2] : nullptr,
           product.tensor);
}

constexpr KernelEntry kKernels[] = {
    {"matmul", make_kernel<check_matmul, run_matmul>()},
    {"linear", make_kernel<check_linear, run_linear>()},
};

}  // namespace

std::span<const KernelEntry> matmul_kernels() { return kKernels; }

}  // namespace tessera::cuda
