// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/packed_sequence.h"

#include <algorithm>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn {
namespace {

[[noreturn]] void refuse(const char* function, const std::string& what) {
  raise_op_error(function, absl::InvalidArgumentError(what));
}

Tensor indices(const std::vector<int64_t>& values, const Tensor& beside) {
  return tensor<int64_t>(values, {.dtype = kInt64, .device = beside.device()});
}

// x (A, B, S..) -> (A B, S..)
Tensor merged(const Tensor& x) {
  Shape shape = {x.size(0) * x.size(1)};
  for (int64_t d = 2; d < x.dim(); ++d) shape.push_back(x.size(d));
  return reshape(x, shape);
}

}  // namespace

PackedSequence pack_padded_sequence(const Tensor& input, absl::Span<const int64_t> lengths,
                                    const PackPaddedSequenceOptions& options) {
  const char* const name = "pack_padded_sequence";
  if (input.dim() < 2)
    refuse(name, absl::StrCat("wants (T, B, ..), got ", input.shape().to_string()));
  const int64_t batch = input.size(options.batch_first ? 0 : 1);
  const int64_t steps = input.size(options.batch_first ? 1 : 0);
  if (static_cast<int64_t>(lengths.size()) != batch) {
    refuse(name, absl::StrCat("there are ", lengths.size(), " lengths for a batch of ", batch));
  }
  if (batch == 0) refuse(name, "wants at least one sequence");
  for (size_t b = 0; b < lengths.size(); ++b) {
    if (lengths[b] < 1 || lengths[b] > steps) {
      refuse(name, absl::StrCat("length ", b, " is ", lengths[b], ", not in [1, ", steps, "]"));
    }
    if (options.enforce_sorted && b > 0 && lengths[b] > lengths[b - 1]) {
      refuse(name, absl::StrCat("lengths must not increase with enforce_sorted: length ", b, " is ",
                                lengths[b], ", after ", lengths[b - 1]));
    }
  }
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return lengths[a] > lengths[b]; });

  PackedSequence packed;
  std::vector<int64_t> rows;  // of the merged input
  for (int64_t t = 0; t < lengths[order[0]]; ++t) {
    int64_t count = 0;
    for (; count < batch && lengths[order[count]] > t; ++count) {
      rows.push_back(options.batch_first ? order[count] * steps + t : t * batch + order[count]);
    }
    packed.batch_sizes.push_back(count);
  }
  packed.data = index_select(merged(input), 0, indices(rows, input));
  if (!options.enforce_sorted) {
    std::vector<int64_t> inverse(order.size());
    for (size_t k = 0; k < order.size(); ++k) inverse[order[k]] = static_cast<int64_t>(k);
    packed.sorted_indices = indices(order, input);
    packed.unsorted_indices = indices(inverse, input);
  }
  return packed;
}

PaddedSequence pad_packed_sequence(const PackedSequence& sequence,
                                   const PadPackedSequenceOptions& options) {
  const char* const name = "pad_packed_sequence";
  const auto& sizes = sequence.batch_sizes;
  if (sizes.empty()) refuse(name, "wants at least one step");
  const int64_t batch = sizes[0], longest = static_cast<int64_t>(sizes.size());
  const int64_t steps = options.total_length.value_or(longest);
  if (steps < longest) {
    refuse(name, absl::StrCat("total_length is ", steps, ", the longest sequence has ", longest));
  }
  std::vector<int64_t> place(batch);  // of the caller's sequence in the packed order
  std::iota(place.begin(), place.end(), 0);
  if (sequence.unsorted_indices.defined()) {
    place = sequence.unsorted_indices.to_vector<int64_t>();
  }
  // The row behind the data is padding.
  const int64_t padding = sequence.data.size(0);
  std::vector<int64_t> rows(steps * batch, padding);
  PaddedSequence result;
  result.lengths.assign(batch, 0);
  int64_t offset = 0;
  for (int64_t t = 0; t < longest; ++t) {
    for (int64_t b = 0; b < batch; ++b) {
      if (place[b] >= sizes[t]) continue;
      rows[options.batch_first ? b * steps + t : t * batch + b] = offset + place[b];
      ++result.lengths[b];
    }
    offset += sizes[t];
  }
  Shape row = sequence.data.shape();
  row[0] = 1;
  const Tensor filler = full(row, options.padding_value,
                             {.dtype = sequence.data.dtype(), .device = sequence.data.device()});
  const Tensor flat = index_select(cat({sequence.data, filler}), 0, indices(rows, sequence.data));
  result.output =
      unflatten(flat, 0, options.batch_first ? Shape{batch, steps} : Shape{steps, batch});
  return result;
}

Tensor pad_sequence(absl::Span<const Tensor> sequences, const PadSequenceOptions& options) {
  if (sequences.empty()) refuse("pad_sequence", "wants at least one sequence");
  int64_t longest = 0;
  for (const Tensor& x : sequences) {
    if (x.dim() < 1) refuse("pad_sequence", "a sequence has no dimensions");
    longest = std::max(longest, x.size(0));
  }
  std::vector<Tensor> padded;
  for (const Tensor& x : sequences) {
    const int64_t missing = longest - x.size(0);
    // pad() names the last dimension first.
    std::vector<int64_t> amounts(2 * x.dim(), 0);
    amounts[2 * x.dim() - (options.padding_side == PaddingSide::kLeft ? 2 : 1)] = missing;
    padded.push_back(missing == 0 ? x : pad(x, amounts, options.padding_value));
  }
  return stack(padded, options.batch_first ? 0 : 1);
}

std::vector<Tensor> unpad_sequence(const Tensor& padded, absl::Span<const int64_t> lengths,
                                   bool batch_first) {
  const char* const name = "unpad_sequence";
  if (padded.dim() < 2)
    refuse(name, absl::StrCat("wants (T, B, ..), got ", padded.shape().to_string()));
  const int64_t batch = padded.size(batch_first ? 0 : 1), steps = padded.size(batch_first ? 1 : 0);
  if (static_cast<int64_t>(lengths.size()) != batch) {
    refuse(name, absl::StrCat("there are ", lengths.size(), " lengths for a batch of ", batch));
  }
  std::vector<Tensor> sequences;
  for (int64_t b = 0; b < batch; ++b) {
    if (lengths[b] < 0 || lengths[b] > steps) {
      refuse(name, absl::StrCat("length ", b, " is ", lengths[b], ", not in [0, ", steps, "]"));
    }
    sequences.push_back(narrow(select(padded, batch_first ? 0 : 1, b), 0, 0, lengths[b]));
  }
  return sequences;
}

PackedSequence pack_sequence(absl::Span<const Tensor> sequences, bool enforce_sorted) {
  std::vector<int64_t> lengths;
  const Tensor padded = pad_sequence(sequences);
  for (const Tensor& x : sequences) lengths.push_back(x.size(0));
  return pack_padded_sequence(padded, lengths, {.enforce_sorted = enforce_sorted});
}

std::vector<Tensor> unpack_sequence(const PackedSequence& sequence) {
  const PaddedSequence padded = pad_packed_sequence(sequence);
  return unpad_sequence(padded.output, padded.lengths);
}

}  // namespace tessera::nn
