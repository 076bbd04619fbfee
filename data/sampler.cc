// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/sampler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/shuffle.h"

namespace tessera::data {
namespace {

CounterRandom order_random(uint64_t seed, int64_t epoch) {
  return CounterRandom(seed, RandomPurpose::kShuffle, static_cast<uint64_t>(epoch));
}

[[noreturn]] void raise_invalid(const std::string& message) {
  raise(absl::InvalidArgumentError(message));
}

}  // namespace

void SequentialSampler::sample(int64_t epoch, absl::Span<int64_t> indices) const {
  std::iota(indices.begin(), indices.end(), int64_t{0});
}

RandomSampler::RandomSampler(int64_t size, uint64_t seed, const RandomSamplerOptions& options)
    : size_(size),
      seed_(seed),
      replacement_(options.replacement),
      num_samples_(options.num_samples.value_or(size)) {
  if (num_samples_ < 0 || (num_samples_ > 0 && size == 0)) {
    raise_invalid(
        absl::StrCat("RandomSampler: num_samples is ", num_samples_, ", of ", size, " samples"));
  }
}

void RandomSampler::sample(int64_t epoch, absl::Span<int64_t> indices) const {
  CounterRandom random = order_random(seed_, epoch);
  if (replacement_) {
    for (int64_t& index : indices) index = random.below(size_);
    return;
  }
  while (static_cast<int64_t>(indices.size()) >= size_ && !indices.empty()) {
    const absl::Span<int64_t> all = indices.first(static_cast<size_t>(size_));
    std::iota(all.begin(), all.end(), int64_t{0});
    shuffle(all, random);
    indices.remove_prefix(static_cast<size_t>(size_));
  }
  if (indices.empty()) return;
  std::vector<int64_t> all(static_cast<size_t>(size_));
  std::iota(all.begin(), all.end(), int64_t{0});
  shuffle(absl::MakeSpan(all), random);
  std::copy_n(all.begin(), indices.size(), indices.begin());
}

void SubsetRandomSampler::sample(int64_t epoch, absl::Span<int64_t> indices) const {
  std::copy(indices_.begin(), indices_.end(), indices.begin());
  CounterRandom random = order_random(seed_, epoch);
  shuffle(indices, random);
}

WeightedRandomSampler::WeightedRandomSampler(std::vector<double> weights, int64_t num_samples,
                                             uint64_t seed, bool replacement)
    : weights_(std::move(weights)),
      num_samples_(num_samples),
      seed_(seed),
      replacement_(replacement) {
  int64_t positive = 0;
  double sum = 0;
  for (size_t i = 0; i < weights_.size(); ++i) {
    if (!(weights_[i] >= 0) || std::isinf(weights_[i])) {
      raise_invalid(absl::StrCat("WeightedRandomSampler: weight ", i, " is ", weights_[i],
                                 ", it must be finite and not negative"));
    }
    positive += weights_[i] > 0 ? 1 : 0;
    cumulative_.push_back(sum += weights_[i]);
  }
  if (positive == 0 || std::isinf(sum)) {
    raise_invalid(absl::StrCat("WeightedRandomSampler: the ", weights_.size(),
                               " weights add up to ", sum, ", expected a positive number"));
  }
  if (num_samples < 0 || (!replacement && num_samples > positive)) {
    raise_invalid(absl::StrCat("WeightedRandomSampler: num_samples is ", num_samples,
                               ", there are ", positive, " positive weights",
                               replacement ? "" : " to draw from without replacement"));
  }
}

void WeightedRandomSampler::sample(int64_t epoch, absl::Span<int64_t> indices) const {
  CounterRandom random(seed_, RandomPurpose::kWeightedSample, static_cast<uint64_t>(epoch));
  if (replacement_) {
    // The last positive weight catches what rounding would push beyond the end.
    const auto end = std::lower_bound(cumulative_.begin(), cumulative_.end(), cumulative_.back());
    for (int64_t& index : indices) {
      const double point = random.uniform_double() * cumulative_.back();
      index = std::upper_bound(cumulative_.begin(), end, point) - cumulative_.begin();
    }
    return;
  }
  // The largest of log(u) / weight come first.
  std::vector<std::pair<double, int64_t>> keys;
  for (size_t i = 0; i < weights_.size(); ++i) {
    const double draw = std::log(1 - random.uniform_double());
    if (weights_[i] > 0) keys.emplace_back(-draw / weights_[i], static_cast<int64_t>(i));
  }
  std::partial_sort(keys.begin(), keys.begin() + static_cast<ptrdiff_t>(indices.size()),
                    keys.end());
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = keys[i].second;
}

DistributedSampler::DistributedSampler(int64_t dataset_size,
                                       const DistributedSamplerOptions& options)
    : dataset_size_(dataset_size), options_(options) {
  const int64_t replicas = options.num_replicas;
  if (replicas < 1) {
    raise_invalid(
        absl::StrCat("DistributedSampler: num_replicas is ", replicas, ", it must be at least 1"));
  }
  if (options.rank < 0 || options.rank >= replicas) {
    raise_invalid(
        absl::StrCat("DistributedSampler: rank ", options.rank, " is not in [0, ", replicas, ")"));
  }
  num_samples_ = dataset_size / replicas;
  if (!options.drop_last && dataset_size % replicas != 0) num_samples_ += 1;
}

void DistributedSampler::sample(int64_t epoch, absl::Span<int64_t> indices) const {
  if (indices.empty()) return;
  std::vector<int64_t> order(static_cast<size_t>(dataset_size_));
  std::iota(order.begin(), order.end(), int64_t{0});
  if (options_.shuffle) {
    CounterRandom random = order_random(options_.seed, epoch);
    shuffle(absl::MakeSpan(order), random);
  }
  for (size_t i = 0; i < indices.size(); ++i) {
    const int64_t place = options_.rank + static_cast<int64_t>(i) * options_.num_replicas;
    indices[i] = order[static_cast<size_t>(place % dataset_size_)];
  }
}

}  // namespace tessera::data
