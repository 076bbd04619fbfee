// SPDX-License-Identifier: Apache-2.0
//
// Sequences of different lengths for recurrent layers, as torch.nn.utils.rnn.
//
//   nn::PackedSequence packed = nn::pack_padded_sequence(x, lengths, {.enforce_sorted = false});
//   auto [output, state] = lstm(packed);
//   auto [padded, lengths] = nn::pad_packed_sequence(output);
//
// Functions of tensors are differentiable. Lengths are host numbers.
#ifndef TESSERA_NN_PACKED_SEQUENCE_H_
#define TESSERA_NN_PACKED_SEQUENCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// The rows of step 0 of all sequences, longest sequence first, then the rows of step 1 of those
// that have one, and so on.
struct PackedSequence {
  Tensor data;  // (N, S..)
  std::vector<int64_t>
      batch_sizes;  // rows of each step; N in all, none greater than the one before
  // Sequence k of the packed order is sequence sorted_indices[k] of the caller's order; undefined
  // where the two are the same. int64 (B)
  Tensor sorted_indices = {};
  Tensor unsorted_indices = {};  // the inverse
};

struct PackPaddedSequenceOptions {
  bool batch_first = false;    // input is (B, T, S..)
  bool enforce_sorted = true;  // lengths must not increase; false: any order
};

//   shape:  input (T, B, S..), lengths (B), none above T
//   errors: throws kInvalidArgument for lengths of another number, below 1, above T, or out of
//           order
PackedSequence pack_padded_sequence(const Tensor& input, absl::Span<const int64_t> lengths,
                                    const PackPaddedSequenceOptions& options = {});

struct PadPackedSequenceOptions {
  bool batch_first = false;
  double padding_value = 0;
  std::optional<int64_t> total_length = std::nullopt;  // T, instead of the longest length
};

struct PaddedSequence {
  Tensor output;                 // (T, B, S..), or (B, T, S..) with batch_first; the caller's order
  std::vector<int64_t> lengths;  // (B)
};

//   errors: throws kInvalidArgument for a total_length below the longest length
PaddedSequence pad_packed_sequence(const PackedSequence& sequence,
                                   const PadPackedSequenceOptions& options = {});

enum class PaddingSide { kRight, kLeft };

struct PadSequenceOptions {
  bool batch_first = false;
  double padding_value = 0;
  PaddingSide padding_side = PaddingSide::kRight;
};

// Tensors (L_k, S..) of one S put together as (T, B, S..), or (B, T, S..), T the greatest L.
//   errors: throws kInvalidArgument for no tensor, or shapes that differ in S
Tensor pad_sequence(absl::Span<const Tensor> sequences, const PadSequenceOptions& options = {});

// pad_sequence undone: one tensor (length, S..) for each of `lengths`.
std::vector<Tensor> unpad_sequence(const Tensor& padded, absl::Span<const int64_t> lengths,
                                   bool batch_first = false);

// Packs tensors (L_k, S..).
PackedSequence pack_sequence(absl::Span<const Tensor> sequences, bool enforce_sorted = true);
std::vector<Tensor> unpack_sequence(const PackedSequence& sequence);

}  // namespace tessera::nn

#endif  // TESSERA_NN_PACKED_SEQUENCE_H_
