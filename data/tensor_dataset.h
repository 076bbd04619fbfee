// SPDX-License-Identifier: Apache-2.0
//
// TensorDataset: samples that are the rows of two tensors.
//
//   data::TensorDataset points(randn({1000, 2}), labels);
#ifndef TESSERA_DATA_TENSOR_DATASET_H_
#define TESSERA_DATA_TENSOR_DATASET_H_

#include <cstdint>

#include "absl/types/span.h"
#include "tessera/data/example.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

class TensorDataset {
 public:
  // x (N, ...) and y (N, ...), of any dtypes, which the dataset shares (a copy is made only of a
  // tensor that is not contiguous).
  //   errors: kInvalidArgument, thrown, if the first dimensions differ or are missing
  TensorDataset(const Tensor& x, const Tensor& y);
  // The two tensors of a batch.
  explicit TensorDataset(const Example& all) : TensorDataset(all.x, all.y) {}

  int64_t size() const { return x_.size(0); }
  // Row `index` of both: views.
  //   errors: kOutOfRange, thrown
  Example get(int64_t index) const;
  // Rows `indices` of both: copies, made at the speed of memory.
  Example get_batch(absl::Span<const int64_t> indices) const;

  const Tensor& x() const { return x_; }
  const Tensor& y() const { return y_; }

 private:
  Tensor x_;
  Tensor y_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_TENSOR_DATASET_H_
