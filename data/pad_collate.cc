// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/pad_collate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/collate.h"
#include "tessera/data/host_tensor.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

Shape without_first(const Tensor& tensor) {
  Shape shape = tensor.shape();
  shape.erase(0);
  return shape;
}

void check_alike(absl::Span<const Tensor> sequences) {
  if (sequences.empty()) {
    raise(absl::InvalidArgumentError("pad_sequences: a batch of no samples"));
  }
  const Tensor& first = sequences[0];
  for (size_t i = 0; i < sequences.size(); ++i) {
    const Tensor& sequence = sequences[i];
    if (sequence.dim() == 0) {
      raise(absl::InvalidArgumentError(absl::StrCat(
          "pad_sequences: sample ", i, " of the batch has rank 0, expected a length")));
    }
    if (without_first(sequence) != without_first(first)) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("pad_sequences: sample ", i, " of the batch has shape ",
                       sequence.shape().to_string(), ", sample 0 has ", first.shape().to_string(),
                       ": they may differ in the first size alone")));
    }
    if (sequence.dtype() != first.dtype()) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("pad_sequences: sample ", i, " of the batch is of ",
                       dtype_name(sequence.dtype()), ", sample 0 of ", dtype_name(first.dtype()))));
    }
  }
}

}  // namespace

void PaddedBatch::move_to(const Device& device) {
  values = values.to(device);
  lengths = lengths.to(device);
}

void PaddedExamples::move_to(const Device& device) {
  x = x.to(device);
  lengths = lengths.to(device);
  y = y.to(device);
}

PaddedBatch pad_sequences(absl::Span<const Tensor> sequences, double value) {
  check_alike(sequences);
  const DType dtype = sequences[0].dtype();
  const int64_t count = static_cast<int64_t>(sequences.size());
  const Device device = value_or_raise(host_device());
  PaddedBatch batch;
  batch.lengths = value_or_raise(new_host_tensor(kInt64, {count}, device));
  int64_t* lengths = batch.lengths.mutable_data<int64_t>();
  int64_t longest = 0;
  for (const Tensor& sequence : sequences) {
    *lengths++ = sequence.size(0);
    longest = std::max(longest, sequence.size(0));
  }
  Shape shape = without_first(sequences[0]);
  shape.insert(0, longest);
  shape.insert(0, count);
  batch.values = full(shape, value, {.dtype = dtype, .device = device});
  if (batch.values.numel() == 0) return batch;
  const int64_t row_bytes = batch.values.numel() / count * itemsize(dtype);
  char* target = mutable_host_bytes(batch.values);
  for (const Tensor& sequence : sequences) {
    if (sequence.numel() > 0) {
      const Tensor dense = is_dense_on_host(sequence) ? sequence : sequence.to(device).contiguous();
      std::memcpy(target, host_bytes(dense), static_cast<size_t>(dense.numel() * itemsize(dtype)));
    }
    target += row_bytes;
  }
  return batch;
}

PaddedBatch PadCollate::operator()(const std::vector<Tensor>& samples) const {
  return pad_sequences(samples, value);
}

PaddedExamples PadCollate::operator()(const std::vector<Example>& samples) const {
  std::vector<Tensor> xs, ys;
  for (const Example& sample : samples) {
    xs.push_back(sample.x);
    ys.push_back(sample.y);
  }
  PaddedBatch padded = pad_sequences(xs, value);
  return {padded.values, padded.lengths,
          pad_y ? pad_sequences(ys, y_value).values : stack_samples(ys)};
}

}  // namespace tessera::data
