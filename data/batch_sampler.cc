// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/batch_sampler.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::data {

void BatchList::assign(std::vector<int64_t> indices, int64_t batch_size, bool drop_last) {
  indices_ = std::move(indices);
  ends_.clear();
  const size_t count = indices_.size(), step = static_cast<size_t>(batch_size);
  ends_.reserve(count / step + 1);
  for (size_t begin = 0; begin < count; begin += std::min(step, count - begin)) {
    if (drop_last && count - begin < step) break;
    ends_.push_back(begin + std::min(step, count - begin));
  }
}

BatchSampler::BatchSampler(std::shared_ptr<const Sampler> sampler, int64_t batch_size,
                           bool drop_last)
    : sampler_(std::move(sampler)), batch_size_(batch_size), drop_last_(drop_last) {
  if (batch_size < 1) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("BatchSampler: batch_size is ", batch_size, ", it must be at least 1")));
  }
}

int64_t BatchSampler::size() const {
  const int64_t n = sampler_->size();
  return drop_last_ ? n / batch_size_ : n / batch_size_ + (n % batch_size_ != 0);
}

void BatchSampler::sample(int64_t epoch, BatchList& batches) const {
  std::vector<int64_t> indices(static_cast<size_t>(sampler_->size()));
  sampler_->sample(epoch, absl::MakeSpan(indices));
  batches.assign(std::move(indices), batch_size_, drop_last_);
}

}  // namespace tessera::data
