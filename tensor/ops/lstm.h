// SPDX-License-Identifier: Apache-2.0
//
// The recurrence of a long short-term memory over all steps of many sequences. nn/rnn.h has the
// layers.
//
// Sequences of different lengths are packed: the rows of step 0 of all sequences, longest sequence
// first, then the rows of step 1 of those that have one, and so on. Sequences of one length T are
// packed by reshape({T * B, ..}) of (T, B, ..).
#ifndef TESSERA_TENSOR_OPS_LSTM_H_
#define TESSERA_TENSOR_OPS_LSTM_H_

#include <cstdint>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

struct LstmResult {
  Tensor output;    // (N, H): h of every step, packed
  Tensor h_n, c_n;  // (B, H): the state after each sequence's last step
};

// i, f, g, o = gates of the step + h weight^T;
// c = sigmoid(f) c + sigmoid(i) tanh(g);  h = sigmoid(o) tanh(c)
//   shape:  gates (N, 4 H), the part of i, f, g, o that comes from the input, with every bias;
//           weight (4 H, H); h0, c0 (B, H); batch_sizes: the rows of each step, N in all, B = the
//           first, none greater than the one before
//   dtype:  one floating point dtype; float16 and bfloat16 are computed in float32
//   errors: kInvalidArgument for shapes or batch_sizes that do not fit; for no step
//   source: Hochreiter and Schmidhuber, 1997; Gers et al., 2000
// With `reverse` each sequence is run from its last step to its first. Differentiable.
LstmResult lstm(const Tensor& gates, const Tensor& weight, const Tensor& h0, const Tensor& c0,
                absl::Span<const int64_t> batch_sizes, bool reverse = false);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_LSTM_H_
