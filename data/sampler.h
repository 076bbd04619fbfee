// SPDX-License-Identifier: Apache-2.0
//
// Samplers: in which order a DataLoader visits the samples of an epoch.
#ifndef TESSERA_DATA_SAMPLER_H_
#define TESSERA_DATA_SAMPLER_H_

#include <cstdint>

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

// All of 0, ..., size - 1 in a random order that depends on (seed, epoch).
class RandomSampler final : public Sampler {
 public:
  RandomSampler(int64_t size, uint64_t seed) : size_(size), seed_(seed) {}
  int64_t size() const override { return size_; }
  void sample(int64_t epoch, absl::Span<int64_t> indices) const override;

 private:
  int64_t size_;
  uint64_t seed_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_SAMPLER_H_
