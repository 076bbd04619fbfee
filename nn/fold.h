// SPDX-License-Identifier: Apache-2.0
//
// Unfold and Fold: patches of images as columns and back, as torch.nn's.
//   shape:  Unfold: x (N, C, H, W) or (C, H, W) -> (N, C kh kw, windows) or (C kh kw, windows);
//   Fold:
//           the way back, to images of output_size
//   errors: throw kInvalidArgument, as unfold and fold of tensor/ops/fold.h
#ifndef TESSERA_NN_FOLD_H_
#define TESSERA_NN_FOLD_H_

#include <string>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/fold.h"

namespace tessera::nn {

using tessera::FoldOptions;

class Unfold : public Module {
 public:
  explicit Unfold(Pair kernel_size, const FoldOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return unfold(x, kernel_size_, options_); }
  std::string extra_repr() const override;

 private:
  Pair kernel_size_;
  FoldOptions options_;
};

class Fold : public Module {
 public:
  Fold(Pair output_size, Pair kernel_size, const FoldOptions& options = {})
      : output_size_(output_size), kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return fold(x, output_size_, kernel_size_, options_); }
  std::string extra_repr() const override;

 private:
  Pair output_size_, kernel_size_;
  FoldOptions options_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_FOLD_H_
