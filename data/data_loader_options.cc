// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/data_loader_options.h"

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {
namespace {

void check_at_least(const char* option, int64_t value, int64_t least) {
  if (value >= least) return;
  raise(absl::InvalidArgumentError(
      absl::StrCat("DataLoader: ", option, " is ", value, ", it must be at least ", least)));
}

void check_sizes(const DataLoaderOptions& options) {
  check_at_least("batch_size", options.batch_size, 1);
  check_at_least("num_workers", options.num_workers, 0);
  check_at_least("prefetch", options.prefetch, 1);
  check_at_least("shards", options.shards, 1);
  if (options.persistent_workers && options.num_workers == 0) {
    raise(absl::InvalidArgumentError("DataLoader: persistent_workers needs num_workers > 0"));
  }
}

void refuse_together(bool both, const char* what) {
  if (both) {
    raise(absl::InvalidArgumentError(absl::StrCat("DataLoader: ", what, " exclude each other")));
  }
}

}  // namespace

std::shared_ptr<const BatchSamplerBase> make_batch_sampler(int64_t dataset_size,
                                                           const DataLoaderOptions& options) {
  check_sizes(options);
  if (options.shards != 1) {
    raise(absl::InvalidArgumentError(absl::StrCat("DataLoader: shards is ", options.shards,
                                                  ", which is for iterable datasets alone")));
  }
  refuse_together(options.shuffle && options.sampler != nullptr, "shuffle and sampler");
  if (options.batch_sampler != nullptr) {
    refuse_together(options.batch_size != 1 || options.shuffle || options.drop_last ||
                        options.sampler != nullptr,
                    "batch_sampler and any of batch_size, shuffle, drop_last and sampler");
    return options.batch_sampler;
  }
  std::shared_ptr<const Sampler> sampler = options.sampler;
  if (sampler == nullptr && options.shuffle) {
    sampler = std::make_shared<RandomSampler>(dataset_size, options.seed);
  } else if (sampler == nullptr) {
    sampler = std::make_shared<SequentialSampler>(dataset_size);
  }
  return std::make_shared<BatchSampler>(std::move(sampler), options.batch_size, options.drop_last);
}

void check_iterable_options(const DataLoaderOptions& options) {
  check_sizes(options);
  refuse_together(options.shuffle || options.sampler != nullptr || options.batch_sampler != nullptr,
                  "an iterable dataset and any of shuffle, sampler and batch_sampler");
}

Tensor DataLoaderState::to_tensor() const {
  Tensor tensor = value_or_raise(new_host_tensor(kInt64, {3}));
  const int64_t values[] = {epoch, next_batch, batches_per_epoch};
  std::memcpy(tensor.mutable_data<int64_t>(), values, sizeof(values));
  return tensor;
}

absl::StatusOr<DataLoaderState> DataLoaderState::from_tensor(const Tensor& tensor) {
  if (tensor.dtype() != kInt64 || tensor.shape() != Shape{3}) {
    return absl::InvalidArgumentError(absl::StrCat("DataLoaderState: expected int64 [3], got ",
                                                   dtype_name(tensor.dtype()), " ",
                                                   tensor.shape().to_string()));
  }
  const std::vector<int64_t> values = tensor.to_vector<int64_t>();
  return DataLoaderState{values[0], values[1], values[2]};
}

void SkippedSamplesLog::clear() {
  absl::MutexLock lock(&mutex_);
  samples_ = {};
}

void SkippedSamplesLog::add(std::string message) {
  absl::MutexLock lock(&mutex_);
  samples_.count += 1;
  if (samples_.messages.size() < SkippedSamples::kKept) {
    samples_.messages.push_back(std::move(message));
  }
}

SkippedSamples SkippedSamplesLog::read() const {
  absl::MutexLock lock(&mutex_);
  return samples_;
}

}  // namespace tessera::data
