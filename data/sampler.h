// SPDX-License-Identifier: Apache-2.0
//
// Samplers: in which order a DataLoader visits the samples of an epoch.
#ifndef TESSERA_DATA_SAMPLER_H_
#define TESSERA_DATA_SAMPLER_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace tessera::data {

// A pure function of the epoch: asking twice, or from another thread, gives the same order.
class Sampler {
 public:
  virtual ~Sampler() = default;
  // Samples in an epoch.
  virtual int64_t size() const = 0;
  // Writes the indices of epoch `epoch` (from 0) to `indices`, which has size() places.
  virtual void sample(int64_t epoch, absl::Span<int64_t> indices) const = 0;
};

// 0, 1, ..., size - 1, every epoch.
class SequentialSampler final : public Sampler {
 public:
  explicit SequentialSampler(int64_t size) : size_(size) {}
  int64_t size() const override { return size_; }
  void sample(int64_t epoch, absl::Span<int64_t> indices) const override;

 private:
  int64_t size_;
};

struct RandomSamplerOptions {
  bool replacement = false;  // draw each sample from all of them, whatever was drawn before
  // How many to draw; all of them by default. Without replacement and with more than there are, one
  // order follows the other.
  std::optional<int64_t> num_samples = std::nullopt;
};

// Of 0, ..., size - 1, in a random order that depends on (seed, epoch).
class RandomSampler final : public Sampler {
 public:
  //   errors: kInvalidArgument, thrown: num_samples is negative, or positive with nothing to draw
  RandomSampler(int64_t size, uint64_t seed, const RandomSamplerOptions& options = {});
  int64_t size() const override { return num_samples_; }
  void sample(int64_t epoch, absl::Span<int64_t> indices) const override;

 private:
  int64_t size_;
  uint64_t seed_;
  bool replacement_;
  int64_t num_samples_;
};

// The given indices in a random order that depends on (seed, epoch).
class SubsetRandomSampler final : public Sampler {
 public:
  SubsetRandomSampler(std::vector<int64_t> indices, uint64_t seed)
      : indices_(std::move(indices)), seed_(seed) {}
  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  void sample(int64_t epoch, absl::Span<int64_t> indices) const override;

 private:
  std::vector<int64_t> indices_;
  uint64_t seed_;
};

// `num_samples` of 0, ..., weights.size() - 1, each drawn with a probability proportional to its
// weight; without replacement, to that among those that are left.
//   source: with replacement, the inverse of the cumulative weights; without, Efraimidis and
//           Spirakis: Weighted random sampling with a reservoir (2006)
class WeightedRandomSampler final : public Sampler {
 public:
  //   errors: kInvalidArgument, thrown: a weight that is negative or not finite; no positive one;
  //           num_samples below 0, or, without replacement, above the number of positive weights
  WeightedRandomSampler(std::vector<double> weights, int64_t num_samples, uint64_t seed,
                        bool replacement = true);
  int64_t size() const override { return num_samples_; }
  void sample(int64_t epoch, absl::Span<int64_t> indices) const override;

 private:
  std::vector<double> weights_;
  std::vector<double> cumulative_;
  int64_t num_samples_;
  uint64_t seed_;
  bool replacement_;
};

struct DistributedSamplerOptions {
  int64_t num_replicas = 1;  // processes that train together
  int64_t rank = 0;          // of this one, from 0
  bool shuffle = true;
  uint64_t seed = 0;  // of the order; the same in all processes
  // What does not divide evenly: true, is left out at the end; false, is filled up with samples
  // from the beginning.
  bool drop_last = false;
};

// The part of an epoch that one of several processes visits: every num_replicas-th sample of the
// order that all share, from `rank` on. All parts have the same size.
//   source: torch.utils.data.DistributedSampler
class DistributedSampler final : public Sampler {
 public:
  //   errors: kInvalidArgument, thrown: num_replicas below 1, rank outside [0, num_replicas)
  DistributedSampler(int64_t dataset_size, const DistributedSamplerOptions& options);
  int64_t size() const override { return num_samples_; }
  void sample(int64_t epoch, absl::Span<int64_t> indices) const override;

 private:
  int64_t dataset_size_;
  DistributedSamplerOptions options_;
  int64_t num_samples_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_SAMPLER_H_
