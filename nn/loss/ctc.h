// SPDX-License-Identifier: Apache-2.0
//
// ctc_loss: connectionist temporal classification.
//
//   Tensor log_probs = scores.log_softmax(2);  // (T, N, C)
//   Tensor loss = F::ctc_loss(log_probs, targets, input_lengths, target_lengths);
#ifndef TESSERA_NN_LOSS_CTC_H_
#define TESSERA_NN_LOSS_CTC_H_

#include <cstdint>

#include "tessera/nn/loss/reduction.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct CTCLossOptions {
  int64_t blank = 0;  // the class that stands for no label
  // kMean divides each sample's loss by its target's length (at least 1) first.
  Reduction reduction = kMean;
  bool zero_infinity = false;  // counts targets that do not fit their input as 0, not infinity
};

namespace functional {

// -log of the probability that the labels of a sample, with repeats merged and blanks removed, are
// its target: summed over all alignments of its first input_length steps.
//   shape:  log_probs (T, N, C), targets (N, S) or all targets one after another (their sum of
//           lengths), lengths (N); without N: (T, C), (S), () or (1). kNone: (N), or ()
//   dtype:  log_probs floating point, logarithms of probabilities; the others int64 or int32
//   errors: throws kInvalidArgument for shapes or lengths that do not fit and a blank outside
//           [0, C); kOutOfRange for a label outside [0, C)
//   source: Graves et al., 2006; the gradient is PyTorch's, exp(log_probs) minus the expected
//           counts: that of a log_softmax before it, and not that of log_probs by themselves
// Alignments are counted in log space, as ops over (N, 2 S + 1) for each step; targets and lengths
// are read by the host.
Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CTCLossOptions& options = {});

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_CTC_H_
