// SPDX-License-Identifier: Apache-2.0
//
// PadCollate: batches of sequences of different lengths.
//
//   data::DataLoader loader(sentences, {.batch_size = 8}, data::PadCollate{.value = 0});
//   for (auto& [x, lengths, y] : loader) { ... }
#ifndef TESSERA_DATA_PAD_COLLATE_H_
#define TESSERA_DATA_PAD_COLLATE_H_

#include <vector>

#include "absl/types/span.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/data/example.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct PaddedBatch {
  Tensor values;   // (n, L, ...), L the longest
  Tensor lengths;  // (n) int64
  void move_to(const Device& device);
};

struct PaddedExamples {
  Tensor x;        // (n, L, ...)
  Tensor lengths;  // of x before it was filled up, (n) int64
  Tensor y;
  void move_to(const Device& device);
};

// Puts sequences on top of each other, filled up at the end with `value`.
//   shape:  (L_i, S...) each, L_i >= 0; the result is (n, max L_i, S...)
//   dtype:  the same for all; `value` is converted to it
//   errors: kInvalidArgument, thrown: no sequence, rank 0, other sizes than the first dimension or
//           dtypes that differ, with both
//   source: torch.nn.utils.rnn.pad_sequence with batch_first
PaddedBatch pad_sequences(absl::Span<const Tensor> sequences, double value = 0);

// For a DataLoader of samples that are tensors, or examples whose x is one.
struct PadCollate {
  double value = 0;       // what x is filled up with
  bool pad_y = false;     // y is a sequence too: fill it up with y_value; false: all of one shape
  double y_value = -100;  // what cross_entropy leaves out by default

  PaddedBatch operator()(const std::vector<Tensor>& samples) const;
  PaddedExamples operator()(const std::vector<Example>& samples) const;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_PAD_COLLATE_H_
