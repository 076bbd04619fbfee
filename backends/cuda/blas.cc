// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/blas.h"

#include <algorithm>
#include <string>

#include "tessera/backends/cuda/cublaslt.h"
#include "tessera/backends/cuda/handles.h"
#include "tessera/backends/cuda/launcher.h"

namespace tessera::cuda {
namespace {

constexpr uint64_t kMostWorkspace = uint64_t{32} << 20;  // bytes
constexpr size_t kMostPlans = 4096;

cudaDataType_t type_of(uint32_t dtype) {
  switch (dtype) {
    case TSR_FLOAT64:
      return CUDA_R_64F;
    case TSR_FLOAT16:
      return CUDA_R_16F;
    case TSR_BFLOAT16:
      return CUDA_R_16BF;
    default:
      return CUDA_R_32F;
  }
}

// The greatest power of two, up to 256, that divides the address.
uint32_t alignment_of(const void* address) {
  const uintptr_t bits = reinterpret_cast<uintptr_t>(address) | 256;
  return static_cast<uint32_t>(bits & (~bits + 1));
}

struct Failure {
  cublasStatus_t status;
};
void check(cublasStatus_t status) {
  if (status != CUBLAS_STATUS_SUCCESS) throw Failure{status};
}

}  // namespace

// cuBLASLt counts columns first: to it, dense y (m, n) is y^T (n, m), which is b^T a^T. So b is its
// A and a is its B; a factor whose rows stand one after another is, read by columns, its own
// transpose, which is what it wants.
class Blas::Plan {
 public:
  Plan(const CublasLt& lt, cublasLtHandle_t handle, const BlasProduct& p, Precision precision)
      : lt_(lt) {
    try {
      describe(p, precision);
      choose(handle, p);
    } catch (const Failure& failure) {
      status_ = failure.status;
    }
  }
  ~Plan() {
    if (operation_ != nullptr) lt_.cublasLtMatmulDescDestroy(operation_);
    for (cublasLtMatrixLayout_t layout : {a_, b_, y_}) {
      if (layout != nullptr) lt_.cublasLtMatrixLayoutDestroy(layout);
    }
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  // Whether there is an algorithm; if not, status() says why.
  bool is_supported() const { return status_ == CUBLAS_STATUS_SUCCESS; }
  cublasStatus_t status() const { return status_; }
  size_t workspace() const { return workspace_; }

  cublasStatus_t run(cublasLtHandle_t handle, const BlasProduct& p, void* workspace,
                     cudaStream_t stream) const {
    static const float kOne = 1, kZero = 0;
    static const double kOne64 = 1, kZero64 = 0;
    const bool is_64 = p.dtype == TSR_FLOAT64;
    const void* one = is_64 ? static_cast<const void*>(&kOne64) : &kOne;
    const void* zero = is_64 ? static_cast<const void*>(&kZero64) : &kZero;
    if (p.bias != nullptr) {
      const cublasStatus_t status = lt_.cublasLtMatmulDescSetAttribute(
          operation_, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &p.bias, sizeof p.bias);
      if (status != CUBLAS_STATUS_SUCCESS) return status;
    }
    return lt_.cublasLtMatmul(handle, operation_, one, p.b.data, b_, p.a.data, a_, zero, p.y, y_,
                              p.y, y_, &algorithm_, workspace, workspace_, stream);
  }

 private:
  void describe(const BlasProduct& p, Precision precision) {
    const bool tf32 = p.dtype == TSR_FLOAT32 && precision == Precision::kTf32;
    const cublasComputeType_t compute = p.dtype == TSR_FLOAT64 ? CUBLAS_COMPUTE_64F
                                        : tf32                 ? CUBLAS_COMPUTE_32F_FAST_TF32
                                                               : CUBLAS_COMPUTE_32F;
    check(lt_.cublasLtMatmulDescCreate(&operation_, compute,
                                       p.dtype == TSR_FLOAT64 ? CUDA_R_64F : CUDA_R_32F));
    set(CUBLASLT_MATMUL_DESC_TRANSA, p.b.transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
    set(CUBLASLT_MATMUL_DESC_TRANSB, p.a.transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
    if (p.bias != nullptr) {
      set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
      set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, p.bias);
    }
    layout(&b_, p, p.k, p.n, p.b);
    layout(&a_, p, p.m, p.k, p.a);
    layout(&y_, p, p.m, p.n, {p.y, false, p.n, p.y_batch_stride});
  }

  template <class T>
  void set(cublasLtMatmulDescAttributes_t attribute, T value) {
    check(lt_.cublasLtMatmulDescSetAttribute(operation_, attribute, &value, sizeof value));
  }

  void layout(cublasLtMatrixLayout_t* made, const BlasProduct& p, int64_t rows, int64_t columns,
              const BlasMatrix& m) {
    if (!m.transposed) std::swap(rows, columns);
    check(lt_.cublasLtMatrixLayoutCreate(made, type_of(p.dtype), static_cast<uint64_t>(rows),
                                         static_cast<uint64_t>(columns), m.stride));
    if (p.batch == 1) return;
    const int32_t count = static_cast<int32_t>(p.batch);
    check(lt_.cublasLtMatrixLayoutSetAttribute(*made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                               sizeof count));
    check(lt_.cublasLtMatrixLayoutSetAttribute(*made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                               &m.batch_stride, sizeof m.batch_stride));
  }

  void choose(cublasLtHandle_t handle, const BlasProduct& p) {
    cublasLtMatmulPreference_t preference = nullptr;
    check(lt_.cublasLtMatmulPreferenceCreate(&preference));
    const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
      return lt_.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value);
    };
    cublasStatus_t status = prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kMostWorkspace);
    // Sums of parts of K are kept in what is computed in, not in the dtype of y.
    const uint32_t reduction = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
    const std::pair<cublasLtMatmulPreferenceAttributes_t, uint32_t> others[] = {
        {CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, reduction},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment_of(p.b.data)},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment_of(p.a.data)},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment_of(p.y)},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment_of(p.y)},
    };
    for (const auto& [attribute, value] : others) {
      if (status == CUBLAS_STATUS_SUCCESS) status = prefer(attribute, value);
    }
    cublasLtMatmulHeuristicResult_t result = {};
    int found = 0;
    if (status == CUBLAS_STATUS_SUCCESS) {
      status = lt_.cublasLtMatmulAlgoGetHeuristic(handle, operation_, b_, a_, y_, y_, preference, 1,
                                                  &result, &found);
    }
    lt_.cublasLtMatmulPreferenceDestroy(preference);
    check(status);
    check(found == 1 ? result.state : CUBLAS_STATUS_NOT_SUPPORTED);
    algorithm_ = result.algo;
    workspace_ = result.workspaceSize;
  }

  const CublasLt& lt_;
  cublasStatus_t status_ = CUBLAS_STATUS_SUCCESS;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatrixLayout_t a_ = nullptr, b_ = nullptr, y_ = nullptr;
  cublasLtMatmulAlgo_t algorithm_ = {};
  size_t workspace_ = 0;  // bytes
};

Blas::Blas(Backend* backend) : backend_(backend) {}

Blas::~Blas() {
  plans_.clear();
  if (handle_ != nullptr) lt_->cublasLtDestroy(static_cast<cublasLtHandle_t>(handle_));
}

bool Blas::is_there() {
  const std::lock_guard lock(mutex_);
  if (asked_) return lt_ != nullptr;
  asked_ = true;
  std::string why;
  lt_ = open_cublaslt(&why);
  if (lt_ != nullptr) {
    cublasLtHandle_t handle = nullptr;
    const cublasStatus_t status = lt_->cublasLtCreate(&handle);
    handle_ = handle;
    if (status != CUBLAS_STATUS_SUCCESS) {
      why = std::string("cublasLtCreate: ") + lt_->cublasLtGetStatusName(status);
      lt_ = nullptr;
    }
  }
  if (lt_ == nullptr) {
    backend_->log(TSR_LOG_WARNING,
                  "matrix products are computed by slower kernels, without cuBLASLt: " + why);
  }
  return lt_ != nullptr;
}

bool Blas::multiply(Launcher& launcher, const BlasProduct& p) {
  const std::lock_guard lock(mutex_);
  const Plan& plan = plan_for(launcher, p);
  if (!plan.is_supported()) return false;
  void* workspace =
      plan.workspace() > 0 ? launcher.scratch<unsigned char>(plan.workspace()) : nullptr;
  const cublasStatus_t status =
      plan.run(static_cast<cublasLtHandle_t>(handle_), p, workspace, launcher.stream());
  if (status == CUBLAS_STATUS_SUCCESS) return true;
  launcher.check(cudaGetLastError());
  launcher.fail(TSR_INTERNAL, std::string("cublasLtMatmul: ") + lt_->cublasLtGetStatusName(status));
}

const Blas::Plan& Blas::plan_for(Launcher& launcher, const BlasProduct& p) {
  const Precision precision =
      p.dtype == TSR_FLOAT32 ? backend_->precision.load() : Precision::kHighest;
  const auto flags = static_cast<int64_t>((p.a.transposed ? 1 : 0) | (p.b.transposed ? 2 : 0) |
                                          (p.bias != nullptr ? 4 : 0));
  const auto alignments = static_cast<int64_t>(alignment_of(p.a.data)) |
                          static_cast<int64_t>(alignment_of(p.b.data)) << 16 |
                          static_cast<int64_t>(alignment_of(p.y)) << 32;
  const Key key = {p.dtype,
                   static_cast<int64_t>(precision),
                   flags,
                   alignments,
                   p.batch,
                   p.m,
                   p.n,
                   p.k,
                   p.a.stride,
                   p.b.stride,
                   p.a.batch_stride,
                   p.b.batch_stride,
                   p.y_batch_stride};
  const auto found = plans_.find(key);
  if (found != plans_.end()) return *found->second;
  if (plans_.size() >= kMostPlans) plans_.clear();
  auto made = std::make_unique<Plan>(*lt_, static_cast<cublasLtHandle_t>(handle_), p, precision);
  const cublasStatus_t status = made->status();
  if (status != CUBLAS_STATUS_SUCCESS && status != CUBLAS_STATUS_NOT_SUPPORTED &&
      status != CUBLAS_STATUS_INVALID_VALUE) {
    launcher.check(cudaGetLastError());
    launcher.fail(TSR_INTERNAL, std::string("cuBLASLt: ") + lt_->cublasLtGetStatusName(status));
  }
  if (status != CUBLAS_STATUS_SUCCESS && p.bias == nullptr) {
    backend_->log(TSR_LOG_WARNING, std::string("a slower kernel, as cuBLASLt does not take it (") +
                                       lt_->cublasLtGetStatusName(status) + "): a product of " +
                                       std::to_string(p.batch) + " x (" + std::to_string(p.m) +
                                       ", " + std::to_string(p.k) + ") (" + std::to_string(p.k) +
                                       ", " + std::to_string(p.n) + ")");
  }
  return *plans_.emplace(key, std::move(made)).first->second;
}

}  // namespace tessera::cuda
