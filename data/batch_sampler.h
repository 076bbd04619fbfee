// SPDX-License-Identifier: Apache-2.0
//
// Batch samplers: which samples of an epoch come together in which batch.
//
//   DataLoader loader(data, {.batch_sampler = std::make_shared<BatchSampler>(sampler, 64, true)});
#ifndef TESSERA_DATA_BATCH_SAMPLER_H_
#define TESSERA_DATA_BATCH_SAMPLER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "tessera/data/sampler.h"

namespace tessera::data {

// The batches of an epoch, one after the other in one list of indices.
class BatchList {
 public:
  int64_t size() const { return static_cast<int64_t>(ends_.size()); }
  absl::Span<const int64_t> operator[](int64_t batch) const {
    const size_t begin = batch == 0 ? 0 : ends_[static_cast<size_t>(batch) - 1];
    return absl::MakeConstSpan(indices_).subspan(begin, ends_[static_cast<size_t>(batch)] - begin);
  }

  void clear() {
    indices_.clear();
    ends_.clear();
  }
  void push_back(absl::Span<const int64_t> batch) {
    indices_.insert(indices_.end(), batch.begin(), batch.end());
    ends_.push_back(indices_.size());
  }
  // Cuts `indices` into batches of `batch_size`, the last one shorter or left out.
  void assign(std::vector<int64_t> indices, int64_t batch_size, bool drop_last);

 private:
  std::vector<int64_t> indices_;
  std::vector<size_t> ends_;
};

// Base of batch samplers: batches of any sizes. A pure function of the epoch.
class BatchSamplerBase {
 public:
  virtual ~BatchSamplerBase() = default;
  // Batches in an epoch.
  virtual int64_t size() const = 0;
  // Makes `batches` the size() batches of epoch `epoch`; none may be empty.
  virtual void sample(int64_t epoch, BatchList& batches) const = 0;
};

// Batches of one size from a sampler's order, the last one shorter or left out.
class BatchSampler final : public BatchSamplerBase {
 public:
  //   errors: kInvalidArgument, thrown, if batch_size is below 1
  BatchSampler(std::shared_ptr<const Sampler> sampler, int64_t batch_size, bool drop_last);
  int64_t size() const override;
  void sample(int64_t epoch, BatchList& batches) const override;

 private:
  std::shared_ptr<const Sampler> sampler_;
  int64_t batch_size_;
  bool drop_last_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_BATCH_SAMPLER_H_
