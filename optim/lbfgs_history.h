// SPDX-License-Identifier: Apache-2.0
//
// LbfgsHistory: the last steps and gradient changes of L-BFGS, and the direction that follows.
//
// The two-loop recursion is done on coefficients: with the inner products of all pairs at hand (k x
// k numbers on the host), a direction costs two products with the history as one matrix and one
// wait for the device, where the textbook's form costs 4 k vector operations and 2 k waits.
//   source: Chen, Wang and Zhou, Large-scale L-BFGS using MapReduce, 2014
#ifndef TESSERA_OPTIM_LBFGS_HISTORY_H_
#define TESSERA_OPTIM_LBFGS_HISTORY_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/tensor.h"

namespace tessera::optim {

class LbfgsHistory {
 public:
  // `capacity`: the most pairs that are kept, at least 1. Memory is taken as pairs come.
  explicit LbfgsHistory(int64_t capacity);

  int64_t size() const { return static_cast<int64_t>(rows_.size()); }

  // -H gradient, H being the approximate inverse Hessian; before that, takes up the pair of
  //   step: the parameters' last change, y: the gradient's change with it
  // if their product is above 1e-10, dropping the oldest pair where there are `capacity`.
  //   shape: all (n), one dtype, one device
  Tensor update(const Tensor& step, const Tensor& y, const Tensor& gradient);

  // Under "old_stps" and "old_dirs" (k, n), as PyTorch calls steps and gradient changes, with
  // "inner" (2, k, k), their inner products, "rows", where they stand in memory (sums are formed in
  // that order, so a run that was saved repeats bit for bit), and "H_diag".
  void save(nn::StateDict& out) const;
  //   errors: kInvalidArgument for shapes that do not fit each other, `like` (n) or the capacity
  absl::Status load(const nn::StateDict& state, const Tensor& like);

 private:
  int64_t free_row() const;
  void reserve_rows(int64_t rows, const Tensor& like);
  // step_i . y_j and y_i . y_j of the pairs in rows i and j; the first only where j is not older.
  double& sy(int64_t i, int64_t j) { return sy_[static_cast<size_t>(i * (capacity_ + 1) + j)]; }
  double& yy(int64_t i, int64_t j) { return yy_[static_cast<size_t>(i * (capacity_ + 1) + j)]; }

  int64_t capacity_;
  std::vector<int64_t> rows_;  // where the pairs stand, oldest first
  // (2, rows, n): steps, then gradient changes. One row more than pairs, so that a new pair is
  // written before it is known whether it stays. Rows without a pair hold finite numbers.
  Tensor pairs_;
  std::vector<double> sy_, yy_;  // (capacity + 1, capacity + 1), by row
  double scale_ = 1;             // the first Hessian is 1 / scale_
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_LBFGS_HISTORY_H_
