// SPDX-License-Identifier: Apache-2.0
//
// Losses of classes: cross_entropy, nll_loss, binary_cross_entropy, ..._with_logits.
#ifndef TESSERA_NN_LOSS_CLASSIFICATION_H_
#define TESSERA_NN_LOSS_CLASSIFICATION_H_

#include <cstdint>

#include "tessera/nn/loss/reduction.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct CrossEntropyLossOptions {
  Tensor weight = {};           // (C): what each class counts; undefined: 1
  int64_t ignore_index = -100;  // a target class that counts nothing
  Reduction reduction = kMean;
  double label_smoothing = 0;  // in [0, 1]: the part of the target that is spread over all classes
};

struct NLLLossOptions {
  Tensor weight = {};
  int64_t ignore_index = -100;
  Reduction reduction = kMean;
};

struct BCELossOptions {
  Tensor weight = {};  // multiplies each element; broadcast to the input
  Reduction reduction = kMean;
};

struct BCEWithLogitsLossOptions {
  Tensor weight = {};
  Reduction reduction = kMean;
  Tensor pos_weight = {};  // multiplies the loss of positive targets; broadcast to the input
};

namespace functional {

// Cross-entropy of softmax(input) with classes or with probabilities.
//   shape:  input (N, C), (C) or (N, C, d..); target (N), () or (N, d..) of classes, or input's
//   shape of
//           probabilities. kNone: the shape of class targets
//   dtype:  input floating point; target int64 (classes) or input's (probabilities)
//   errors: throws kInvalidArgument for shapes that do not fit or label_smoothing outside [0, 1];
//           kOutOfRange for a class outside [0, C) that is not ignore_index
//   source: label smoothing: Szegedy et al., 2016
// kMean divides by the sum of the targets' weights, for probabilities by the number of rows: nan if
// there is none. Without weights, smoothing and kNone it is one fused op.
Tensor cross_entropy(const Tensor& input, const Tensor& target,
                     const CrossEntropyLossOptions& options = {});

// As cross_entropy for classes, but of log-probabilities: -input[target].
Tensor nll_loss(const Tensor& input, const Tensor& target, const NLLLossOptions& options = {});

// -(target log(input) + (1 - target) log(1 - input)), logarithms no smaller than -100, as in
// PyTorch.
//   shape:  target has input's
//   dtype:  floating point; input in [0, 1] (else nan)
//   errors: throws kInvalidArgument for different shapes
Tensor binary_cross_entropy(const Tensor& input, const Tensor& target,
                            const BCELossOptions& options = {});

// The same of sigmoid(input), stable for inputs of any size. Without weights and kNone it is one
// fused op.
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const BCEWithLogitsLossOptions& options = {});

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_CLASSIFICATION_H_
