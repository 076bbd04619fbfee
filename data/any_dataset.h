// SPDX-License-Identifier: Apache-2.0
//
// AnyDataset: a dataset of any class whose samples are of type S; for a choice at run time, and for
// lists of datasets of different classes.
//
//   data::AnyDataset<data::Example> train = name == "mnist" ? AnyDataset(mnist) : AnyDataset(own);
#ifndef TESSERA_DATA_ANY_DATASET_H_
#define TESSERA_DATA_ANY_DATASET_H_

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/types/span.h"
#include "tessera/data/collate.h"
#include "tessera/data/dataset.h"

namespace tessera::data {

template <class S>
class AnyDataset {
 public:
  using Batch = typename Collate<S>::type;

  template <Dataset D>
  requires(!std::same_as<D, AnyDataset> && std::same_as<SampleOf<D>, S> &&
           std::same_as<BatchOf<D>, Batch>) AnyDataset(D dataset)
      : dataset_(std::make_shared<const Of<D>>(std::move(dataset))) {}

  int64_t size() const { return dataset_->size(); }
  S get(int64_t index, int64_t epoch = 0) const { return dataset_->get(index, epoch); }
  Batch get_batch(absl::Span<const int64_t> indices, int64_t epoch = 0) const {
    return dataset_->get_batch(indices, epoch);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual int64_t size() const = 0;
    virtual S get(int64_t index, int64_t epoch) const = 0;
    virtual Batch get_batch(absl::Span<const int64_t> indices, int64_t epoch) const = 0;
  };
  template <class D>
  struct Of final : Base {
    explicit Of(D d) : dataset(std::move(d)) {}
    int64_t size() const override { return dataset.size(); }
    S get(int64_t index, int64_t epoch) const override {
      return unwrap(get_in_epoch(dataset, index, epoch));
    }
    Batch get_batch(absl::Span<const int64_t> indices, int64_t epoch) const override {
      if constexpr (BatchedDataset<D>) {
        return unwrap(get_batch_in_epoch(dataset, indices, epoch));
      } else {
        return get_samples(dataset, indices, epoch);
      }
    }
    D dataset;
  };

  std::shared_ptr<const Base> dataset_;
};

template <Dataset D>
AnyDataset(D) -> AnyDataset<SampleOf<D>>;

}  // namespace tessera::data

#endif  // TESSERA_DATA_ANY_DATASET_H_
