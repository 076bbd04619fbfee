// SPDX-License-Identifier: Apache-2.0
//
// Losses that are 0 beyond a margin, with gradient 0 where they reach it: of pairs
// (margin_ranking_loss, hinge_embedding_loss, cosine_embedding_loss, soft_margin_loss) and of
// classes (multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss).
#ifndef TESSERA_NN_LOSS_MARGIN_H_
#define TESSERA_NN_LOSS_MARGIN_H_

#include <cstdint>

#include "tessera/nn/loss/reduction.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct MarginRankingLossOptions {
  double margin = 0;
  Reduction reduction = kMean;
};

struct HingeEmbeddingLossOptions {
  double margin = 1;
  Reduction reduction = kMean;
};

struct CosineEmbeddingLossOptions {
  double margin = 0;
  Reduction reduction = kMean;
};

struct MultiMarginLossOptions {
  int64_t p = 1;  // 1 or 2
  double margin = 1;
  Tensor weight = {};  // (C): what each class counts as a target; undefined: 1
  Reduction reduction = kMean;
};

struct MultiLabelSoftMarginLossOptions {
  Tensor weight = {};  // (C); undefined: 1
  Reduction reduction = kMean;
};

namespace functional {

// max(0, margin - target (input1 - input2)): target is 1 where input1 should be larger, else -1.
//   shape:  inputs and target of one rank, which broadcast
//   dtype:  floating point
//   errors: throws kInvalidArgument for different ranks
Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                           const MarginRankingLossOptions& options = {});

// input where target is 1, max(0, margin - input) where it is -1.
//   shape:  target has input's
//   dtype:  input floating point
//   errors: throws kInvalidArgument for different shapes
Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target,
                            const HingeEmbeddingLossOptions& options = {});

// 1 - cos(input1, input2) where target is 1, max(0, cos - margin) where it is -1, else 0.
//   shape:  inputs (N, D) and target (N), or (D) and ()
//   dtype:  inputs floating point
//   errors: throws kInvalidArgument for other shapes
Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                             const CosineEmbeddingLossOptions& options = {});

// log(1 + exp(-target input)), target 1 or -1, without overflow.
//   shape:  target has input's
//   dtype:  floating point
//   errors: throws kInvalidArgument for different shapes
Tensor soft_margin_loss(const Tensor& input, const Tensor& target, const LossOptions& options = {});

// weight[y] / C times the sum of max(0, margin - input[y] + input[j])^p over the classes j other
// than the target y.
//   shape:  input (N, C) or (C); target (N) or (); kNone: target's shape
//   dtype:  input floating point, target int64
//   errors: throws kInvalidArgument for other shapes and p other than 1 and 2; kOutOfRange for a
//           class outside [0, C)
//   source: Crammer and Singer, 2001
Tensor multi_margin_loss(const Tensor& input, const Tensor& target,
                         const MultiMarginLossOptions& options = {});

// 1 / C times the sum of max(0, 1 - input[y] + input[j]) over the target classes y and the other
// classes j. A row's targets are its classes before the first negative number.
//   shape:  input (N, C) or (C); target has input's; kNone: (N) or ()
//   dtype:  input floating point, target int64
//   errors: throws kInvalidArgument for other shapes; kOutOfRange for a class of C or more
// Wants memory for N C^2 elements.
Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target,
                              const LossOptions& options = {});

// The mean over C of weight times binary_cross_entropy_with_logits(input, target).
//   shape:  input (..., C); target has input's; kNone: input's without C
//   dtype:  floating point; target in [0, 1]
//   errors: throws kInvalidArgument for different shapes
Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target,
                                   const MultiLabelSoftMarginLossOptions& options = {});

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_MARGIN_H_
