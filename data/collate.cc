// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/collate.h"

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

void check_alike(absl::Span<const Tensor> samples) {
  if (samples.empty()) raise(absl::InvalidArgumentError("collate: a batch of no samples"));
  const Tensor& first = samples[0];
  for (size_t i = 1; i < samples.size(); ++i) {
    if (samples[i].shape() != first.shape()) {
      raise(absl::InvalidArgumentError(absl::StrCat(
          "collate: sample ", i, " of the batch has shape ", samples[i].shape().to_string(),
          ", sample 0 has ", first.shape().to_string())));
    }
    if (samples[i].dtype() != first.dtype()) {
      raise(absl::InvalidArgumentError(absl::StrCat("collate: sample ", i, " of the batch is of ",
                                                    dtype_name(samples[i].dtype()),
                                                    ", sample 0 of ", dtype_name(first.dtype()))));
    }
  }
}

}  // namespace

Tensor stack_samples(absl::Span<const Tensor> samples) {
  check_alike(samples);
  Shape shape = samples[0].shape();
  shape.insert(0, static_cast<int64_t>(samples.size()));
  Tensor batch = value_or_raise(new_host_tensor(samples[0].dtype(), shape));
  if (batch.numel() == 0) return batch;
  const size_t bytes = static_cast<size_t>(samples[0].numel() * itemsize(samples[0].dtype()));
  char* target = mutable_host_bytes(batch);
  for (const Tensor& sample : samples) {
    const Tensor dense = is_dense_on_host(sample) ? sample : sample.to(batch.device()).contiguous();
    std::memcpy(target, host_bytes(dense), bytes);
    target += bytes;
  }
  return batch;
}

}  // namespace tessera::data
