// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/emulation/cublaslt.h"

#include <atomic>
#include <string>
#include <vector>

#include "tessera/backends/cuda/emulation/host_number.h"

struct TesseraEmulatedBlas {};
struct TesseraEmulatedMatmul {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  cublasOperation_t a = CUBLAS_OP_N, b = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};
struct TesseraEmulatedLayout {
  cudaDataType_t type;
  uint64_t rows, columns;  // as they stand: rows of one column beside each other
  int64_t ld;
  int32_t batch = 1;
  int64_t batch_stride = 0;
};
struct TesseraEmulatedPreference {
  uint64_t workspace = 0;
  uint32_t reduction = 7, alignments[4] = {256, 256, 256, 256};  // of A, B, C, D
};

namespace tessera::cuda::emulation {
namespace {

using Operation = TesseraEmulatedMatmul;
using Layout = TesseraEmulatedLayout;

std::atomic<uint64_t> products{0}, searches{0};

constexpr size_t kWorkspace = 4096;  // bytes, for products with many terms
constexpr uint64_t kManyTerms = 100;

size_t item_size(cudaDataType_t type) {
  return type == CUDA_R_64F ? 8 : type == CUDA_R_32F ? 4 : 2;
}

double load(const char* p, cudaDataType_t type) {
  uint16_t half = 0;
  switch (type) {
    case CUDA_R_64F:
      return *reinterpret_cast<const double*>(p);
    case CUDA_R_32F:
      return *reinterpret_cast<const float*>(p);
    case CUDA_R_16F:
      std::memcpy(&half, p, sizeof half);
      return float_of_half(half);
    default:
      std::memcpy(&half, p, sizeof half);
      return float_of_bfloat(half);
  }
}

void store(char* p, cudaDataType_t type, double x) {
  const float single = static_cast<float>(x);
  const uint16_t half = type == CUDA_R_16F ? half_of_float(single) : bfloat_of_float(single);
  switch (type) {
    case CUDA_R_64F:
      std::memcpy(p, &x, sizeof x);
      return;
    case CUDA_R_32F:
      std::memcpy(p, &single, sizeof single);
      return;
    default:
      std::memcpy(p, &half, sizeof half);
  }
}

// One product, as it was asked for.
struct Product {
  Operation operation;
  Layout a, b, d;
  const void *a_data, *b_data;
  void* d_data;
  void* workspace;
  size_t workspace_bytes;

  uint64_t m() const { return d.rows; }
  uint64_t n() const { return d.columns; }
  uint64_t k() const { return operation.a == CUBLAS_OP_N ? a.columns : a.rows; }
};

// What does not fit, or nothing.
std::string mismatch(const Operation& o, const Layout& a, const Layout& b, const Layout& c,
                     const Layout& d) {
  const uint64_t a_rows = o.a == CUBLAS_OP_N ? a.rows : a.columns;
  const uint64_t a_columns = o.a == CUBLAS_OP_N ? a.columns : a.rows;
  const uint64_t b_rows = o.b == CUBLAS_OP_N ? b.rows : b.columns;
  const uint64_t b_columns = o.b == CUBLAS_OP_N ? b.columns : b.rows;
  if (a_rows != d.rows || b_columns != d.columns || a_columns != b_rows) {
    return "op(A) (" + std::to_string(a_rows) + ", " + std::to_string(a_columns) + "), op(B) (" +
           std::to_string(b_rows) + ", " + std::to_string(b_columns) + "), D (" +
           std::to_string(d.rows) + ", " + std::to_string(d.columns) + ")";
  }
  if (c.rows != d.rows || c.columns != d.columns || c.type != d.type) return "C is not as D";
  if (a.type != d.type || b.type != d.type) return "types of A, B and D";
  if (a.batch != d.batch || b.batch != d.batch || c.batch != d.batch) return "numbers of batches";
  for (const Layout* x : {&a, &b, &c, &d}) {
    if (x->rows == 0 || x->columns == 0) return "a matrix without elements";
    if (x->ld < static_cast<int64_t>(x->rows)) {
      return "a leading dimension of " + std::to_string(x->ld) + " for " + std::to_string(x->rows) +
             " rows";
    }
  }
  const bool is_64 = d.type == CUDA_R_64F;
  if (is_64 != (o.compute == CUBLAS_COMPUTE_64F) || is_64 != (o.scale == CUDA_R_64F)) {
    return "what is computed in";
  }
  if (o.compute == CUBLAS_COMPUTE_32F_FAST_TF32 && d.type != CUDA_R_32F)
    return "TF32 of no float32";
  if ((o.epilogue == CUBLASLT_EPILOGUE_BIAS) != (o.bias != nullptr))
    return "a bias and no epilogue";
  return "";
}

// What an algorithm is for.
uint64_t fingerprint(const Operation& o, const Layout& a, const Layout& b, const Layout& d) {
  uint64_t hash = 1469598103934665603u;
  const auto add = [&](uint64_t value) { hash = (hash ^ value) * 1099511628211u; };
  for (uint64_t value : {static_cast<uint64_t>(o.compute), static_cast<uint64_t>(o.a),
                         static_cast<uint64_t>(o.b), static_cast<uint64_t>(o.epilogue)}) {
    add(value);
  }
  for (const Layout* x : {&a, &b, &d}) {
    for (uint64_t value :
         {static_cast<uint64_t>(x->type), x->rows, x->columns, static_cast<uint64_t>(x->ld),
          static_cast<uint64_t>(x->batch), static_cast<uint64_t>(x->batch_stride)}) {
      add(value);
    }
  }
  return hash;
}

// Whether all elements of all batches lie in memory of the device.
bool is_covered(const void* data, const Layout& x) {
  const size_t item = item_size(x.type);
  const size_t bytes = (static_cast<size_t>(x.ld) * (x.columns - 1) + x.rows) * item;
  for (int32_t i = 0; i < x.batch; ++i) {
    const char* p =
        static_cast<const char*>(data) + i * x.batch_stride * static_cast<int64_t>(item);
    if (!covers(p, bytes)) return false;
  }
  return true;
}

// op(X) (rows, columns) of a batch, row by row.
std::vector<double> factor(const void* data, const Layout& x, cublasOperation_t op, int32_t batch,
                           bool tf32) {
  const uint64_t rows = op == CUBLAS_OP_N ? x.rows : x.columns;
  const uint64_t columns = op == CUBLAS_OP_N ? x.columns : x.rows;
  const int64_t row_stride = op == CUBLAS_OP_N ? 1 : x.ld,
                column_stride = op == CUBLAS_OP_N ? x.ld : 1;
  const size_t item = item_size(x.type);
  const char* base =
      static_cast<const char*>(data) + batch * x.batch_stride * static_cast<int64_t>(item);
  std::vector<double> values(rows * columns);
  for (uint64_t i = 0; i < rows; ++i) {
    for (uint64_t j = 0; j < columns; ++j) {
      const int64_t at =
          static_cast<int64_t>(i) * row_stride + static_cast<int64_t>(j) * column_stride;
      const double value = load(base + at * static_cast<int64_t>(item), x.type);
      values[i * columns + j] = tf32 ? with_bits(static_cast<float>(value), 10) : value;
    }
  }
  return values;
}

// Sums of T in runs of a few terms, as a kernel makes them.
template <class T>
std::vector<T> multiply(const std::vector<double>& a, const std::vector<double>& b, uint64_t m,
                        uint64_t n, uint64_t k) {
  constexpr uint64_t kRun = 64;
  std::vector<T> sums(m * n), run(n);
  for (uint64_t i = 0; i < m; ++i) {
    for (uint64_t first = 0; first < k; first += kRun) {
      std::fill(run.begin(), run.end(), T(0));
      for (uint64_t l = first; l < std::min(k, first + kRun); ++l) {
        const T left = static_cast<T>(a[i * k + l]);
        for (uint64_t j = 0; j < n; ++j) run[j] += left * static_cast<T>(b[l * n + j]);
      }
      for (uint64_t j = 0; j < n; ++j) sums[i * n + j] += run[j];
    }
  }
  return sums;
}

template <class T>
void compute(const Product& p, int32_t batch) {
  const bool tf32 = p.operation.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  const std::vector<T> sums =
      multiply<T>(factor(p.a_data, p.a, p.operation.a, batch, tf32),
                  factor(p.b_data, p.b, p.operation.b, batch, tf32), p.m(), p.n(), p.k());
  const size_t item = item_size(p.d.type);
  char* base = static_cast<char*>(p.d_data) + batch * p.d.batch_stride * static_cast<int64_t>(item);
  for (uint64_t i = 0; i < p.m(); ++i) {
    const double bias = p.operation.bias == nullptr
                            ? 0
                            : load(static_cast<const char*>(p.operation.bias) + i * item, p.d.type);
    for (uint64_t j = 0; j < p.n(); ++j) {
      const T value = sums[i * p.n() + j] + static_cast<T>(bias);
      store(base + (i + j * static_cast<uint64_t>(p.d.ld)) * item, p.d.type, value);
    }
  }
}

std::string run(const Product& p) {
  if (!is_covered(p.a_data, p.a)) return "cublasLtMatmul: A leaves its allocation";
  if (!is_covered(p.b_data, p.b)) return "cublasLtMatmul: B leaves its allocation";
  if (!is_covered(p.d_data, p.d)) return "cublasLtMatmul: D leaves its allocation";
  if (p.operation.bias != nullptr && !covers(p.operation.bias, p.m() * item_size(p.d.type))) {
    return "cublasLtMatmul: the bias leaves its allocation";
  }
  if (p.workspace_bytes > 0) {
    if (!covers(p.workspace, p.workspace_bytes)) {
      return "cublasLtMatmul: the workspace leaves its allocation";
    }
    std::memset(p.workspace, kPoison, p.workspace_bytes);
  }
  for (int32_t i = 0; i < p.d.batch; ++i) {
    p.d.type == CUDA_R_64F ? compute<double>(p, i) : compute<float>(p, i);
  }
  return "";
}

cublasStatus_t refuse(cudaStream_t stream, const std::string& why) {
  enqueue_work(stream, [why] { return "cublasLt: " + why; });
  return CUBLAS_STATUS_SUCCESS;
}

// Copies a value of an attribute, whose size must be right.
template <class T>
cublasStatus_t take(T* to, const void* value, size_t bytes) {
  if (bytes != sizeof(T)) {
    return refuse(nullptr, "an attribute of " + std::to_string(sizeof(T)) + " bytes is set to " +
                               std::to_string(bytes));
  }
  std::memcpy(to, value, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

BlasCounts blas_counts() { return {products, searches}; }

}  // namespace tessera::cuda::emulation

// NOLINTBEGIN: NVIDIA's names
using namespace tessera::cuda::emulation;

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = new TesseraEmulatedBlas;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

const char* cublasLtGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
  }
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* operation,
                                        cublasComputeType_t compute, cudaDataType_t scale) {
  *operation = new TesseraEmulatedMatmul{compute, scale};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
  delete operation;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, size_t bytes) {
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      return take(&operation->a, value, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB:
      return take(&operation->b, value, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      return take(&operation->epilogue, value, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      return take(&operation->bias, value, bytes);
  }
  return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type,
                                          uint64_t rows, uint64_t columns, int64_t ld) {
  *layout = new TesseraEmulatedLayout{type, rows, columns, ld};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete layout;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute,
                                                const void* value, size_t bytes) {
  switch (attribute) {
    case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT:
      return take(&layout->batch, value, bytes);
    case CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET:
      return take(&layout->batch_stride, value, bytes);
  }
  return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = new TesseraEmulatedPreference;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete preference;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, size_t bytes) {
  switch (attribute) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
      return take(&preference->workspace, value, bytes);
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
      return take(&preference->reduction, value, bytes);
    default:
      return take(&preference->alignments[attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES],
                  value, bytes);
  }
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* found) {
  ++searches;
  *found = 0;
  const std::string wrong = mismatch(*operation, *a, *b, *c, *d);
  if (!wrong.empty()) return refuse(nullptr, wrong);
  if (wanted < 1) return CUBLAS_STATUS_INVALID_VALUE;
  if (d->type == CUDA_R_64F && operation->epilogue != CUBLASLT_EPILOGUE_DEFAULT) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  const uint64_t terms = operation->a == CUBLAS_OP_N ? a->columns : a->rows;
  cublasLtMatmulHeuristicResult_t& result = results[0];
  result = {};
  result.algo.data[0] = fingerprint(*operation, *a, *b, *d);
  for (int i = 0; i < 4; ++i) result.algo.data[1 + i] = preference->alignments[i];
  if (terms > kManyTerms && preference->workspace >= kWorkspace) result.workspaceSize = kWorkspace;
  result.algo.data[5] = result.workspaceSize;
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t operation, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace,
                              size_t workspace_bytes, cudaStream_t stream) {
  ++products;
  const std::string wrong = mismatch(*operation, *a_layout, *b_layout, *c_layout, *d_layout);
  if (!wrong.empty()) return refuse(stream, wrong);
  const bool is_64 = operation->scale == CUDA_R_64F;
  const double one = is_64 ? *static_cast<const double*>(alpha) : *static_cast<const float*>(alpha);
  const double zero = is_64 ? *static_cast<const double*>(beta) : *static_cast<const float*>(beta);
  if (one != 1 || zero != 0) return refuse(stream, "the emulation knows alpha 1 and beta 0 only");
  if (algorithm->data[0] != fingerprint(*operation, *a_layout, *b_layout, *d_layout)) {
    return refuse(stream, "the algorithm is for another product");
  }
  const void* const operands[] = {a, b, c, d};
  for (int i = 0; i < 4; ++i) {
    if (reinterpret_cast<uintptr_t>(operands[i]) % algorithm->data[1 + i] != 0) {
      return refuse(stream, std::string("matrix ") + "ABCD"[i] + " is less aligned than " +
                                std::to_string(algorithm->data[1 + i]) + " bytes");
    }
  }
  if (workspace_bytes < algorithm->data[5]) return refuse(stream, "the workspace is too small");
  const Product product = {*operation, *a_layout, *b_layout, *d_layout,      a,
                           b,          d,         workspace, workspace_bytes};
  const cudaError_t error = enqueue_work(stream, [product] { return run(product); });
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}
// NOLINTEND
