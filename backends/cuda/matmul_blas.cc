// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/matmul_blas.h"

#include <limits>
#include <optional>

#include "tessera/backends/cuda/blas.h"
#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/matmul_tiles.h"
#include "tessera/backends/plugin/dtype.h"
#include "tessera/backends/plugin/merged_dims.h"

namespace tessera::cuda {
namespace {

// Batches that are no single run are one product for each, up to this many; copies are better then.
constexpr int64_t kMostProducts = 16;

// A factor, as it is or as a dense copy.
class Factor {
 public:
  explicit Factor(const TsrTensor& t) : tensor_(t) {}
  Factor(const Factor&) = delete;
  Factor& operator=(const Factor&) = delete;

  const TsrTensor& tensor() const { return tensor_; }

  void make_dense(Launcher& launcher) {
    if (plugin::is_dense(tensor_)) return;
    tensor_.data = const_cast<void*>(dense_elements(launcher, tensor_));
    int64_t stride = 1;
    for (uint32_t k = tensor_.rank; k-- > 0; stride *= tensor_.shape[k]) strides_[k] = stride;
    tensor_.strides = strides_;
  }

  // How the matrices of the last two dims stand, if it is row after row or column after column.
  std::optional<BlasMatrix> matrix() const {
    const uint32_t r = tensor_.rank - 2, c = tensor_.rank - 1;
    const int64_t rows = tensor_.shape[r], columns = tensor_.shape[c];
    if (const auto stride = run_of(columns, tensor_.strides[c], rows, tensor_.strides[r])) {
      return BlasMatrix{tensor_.data, false, *stride};
    }
    if (const auto stride = run_of(rows, tensor_.strides[r], columns, tensor_.strides[c])) {
      return BlasMatrix{tensor_.data, true, *stride};
    }
    return std::nullopt;
  }

 private:
  // The distance of one run of `inner` elements to the next, if they are runs and do not overlap.
  static std::optional<int64_t> run_of(int64_t inner, int64_t inner_stride, int64_t outer,
                                       int64_t outer_stride) {
    if (inner != 1 && inner_stride != 1) return std::nullopt;
    if (outer == 1) return inner;
    if (outer_stride < inner) return std::nullopt;
    return outer_stride;
  }

  TsrTensor tensor_;
  int64_t strides_[kMaxRank];
};

plugin::MergedDims<3> batches_of(const TsrTensor& y, const Factor& a, const Factor& b) {
  TsrTensor batches = y;
  batches.rank = y.rank - 2;
  return plugin::MergedDims<3>(batches, {&y, &a.tensor(), &b.tensor()});
}

int64_t products_of(const plugin::MergedDims<3>& dims) {
  int64_t products = 1;
  for (uint32_t k = 1; k < dims.rank; ++k) products *= dims.sizes[k];
  return products;
}

void* moved(const void* data, int64_t elements, uint32_t dtype) {
  return const_cast<char*>(static_cast<const char*>(data)) +
         elements * static_cast<int64_t>(plugin::item_size(dtype));
}

// `product` for every batch of the dims from 1 on.
bool multiply_each(Launcher& launcher, const plugin::MergedDims<3>& dims,
                   const BlasProduct& product) {
  const int64_t products = products_of(dims);
  for (int64_t i = 0; i < products; ++i) {
    int64_t at[3] = {}, rest = i;
    for (uint32_t k = 1; k < dims.rank; rest /= dims.sizes[k++]) {
      for (uint32_t o = 0; o < 3; ++o) at[o] += rest % dims.sizes[k] * dims.strides[o][k];
    }
    BlasProduct p = product;
    p.y = moved(p.y, at[0], p.dtype);
    p.a.data = moved(p.a.data, at[1], p.dtype);
    p.b.data = moved(p.b.data, at[2], p.dtype);
    if (!launcher.blas().multiply(launcher, p)) return false;
  }
  return true;
}

}  // namespace

bool multiply_by_blas(Launcher& launcher, const TsrTensor& a, const TsrTensor& b,
                      const TsrTensor* bias, const TsrTensor& y) {
  if (!launcher.blas().is_there()) return false;
  Factor left(a), right(b);
  if (!left.matrix()) left.make_dense(launcher);
  if (!right.matrix()) right.make_dense(launcher);
  plugin::MergedDims<3> dims = batches_of(y, left, right);
  if (products_of(dims) > kMostProducts) {
    left.make_dense(launcher);
    right.make_dense(launcher);
    dims = batches_of(y, left, right);
  }
  BlasProduct p = {.dtype = y.dtype,
                   .m = y.shape[y.rank - 2],
                   .n = y.shape[y.rank - 1],
                   .k = a.shape[a.rank - 1],
                   .a = *left.matrix(),
                   .b = *right.matrix(),
                   .bias = bias != nullptr ? dense_elements(launcher, *bias) : nullptr,
                   .y = y.data};
  if (dims.rank > 0) {
    if (dims.sizes[0] > std::numeric_limits<int32_t>::max()) return false;
    p.batch = dims.sizes[0];
    p.y_batch_stride = dims.strides[0][0];
    p.a.batch_stride = dims.strides[1][0];
    p.b.batch_stride = dims.strides[2][0];
  }
  if (multiply_each(launcher, dims, p)) return true;
  if (bias == nullptr) return false;
  // It may be the bias that it does not take.
  const void* const added = p.bias;
  p.bias = nullptr;
  if (!multiply_each(launcher, dims, p)) return false;
  add_bias(launcher, y, added);
  return true;
}

}  // namespace tessera::cuda
