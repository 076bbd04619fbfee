// SPDX-License-Identifier: Apache-2.0
//
// MapDataset: a dataset whose samples go through a function.
//
//   data::MapDataset train(mnist, data::ToTensor());
//   data::MapDataset pairs(mnist, [](data::Example e) { return std::pair(e.x, e.x); });
//   data::MapDataset augmented(cifar, data::Compose(data::ToTensor(), data::RandomRotation(10)));
#ifndef TESSERA_DATA_MAP_DATASET_H_
#define TESSERA_DATA_MAP_DATASET_H_

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"
#include "tessera/data/dataset.h"
#include "tessera/data/example.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// What a random transform's draws depend on, beside its seed. So they are the same for any number
// of workers, and others in each epoch.
struct SampleKey {
  int64_t index = 0;  // of the sample in the MapDataset
  int64_t epoch = 0;
  int64_t stream = 0;  // which of several transforms: Compose gives each its own
};

// A function of one tensor, which changes a sample's x and leaves its y alone.
template <class F>
concept Transform = requires(const F& f, const Tensor& x) {
  { f(x) } -> std::convertible_to<Tensor>;
};
// One that can also do a whole batch at once, with the same result.
template <class F>
concept BatchedTransform = Transform<F> && requires(const F& f, const Tensor& x) {
  { f.batch(x) } -> std::convertible_to<Tensor>;
};
// One whose result depends on the sample's place and on the epoch.
template <class F>
concept RandomTransform = requires(const F& f, const Tensor& x, const SampleKey& key) {
  { f(x, key) } -> std::convertible_to<Tensor>;
};

// `F` is a Transform or a RandomTransform, for samples that have an `x`, or a function of a whole
// sample, or of a sample and its SampleKey. It is called by several threads at once if the loader
// has workers. Batches are fetched at once if both the dataset and the transform can do that, else
// sample by sample.
template <Dataset D, class F>
class MapDataset {
 public:
  MapDataset(D dataset, F function)
      : dataset_(std::move(dataset)), function_(std::move(function)) {}

  int64_t size() const { return dataset_.size(); }

  auto get(int64_t index, int64_t epoch = 0) const {
    auto sample = unwrap(get_in_epoch(dataset_, index, epoch));
    const SampleKey key = {index, epoch};
    if constexpr (std::invocable<const F&, decltype(sample)>) {
      return function_(std::move(sample));
    } else if constexpr (std::invocable<const F&, decltype(sample), const SampleKey&>) {
      return function_(std::move(sample), key);
    } else if constexpr (RandomTransform<F>) {
      sample.x = function_(sample.x, key);
      return sample;
    } else {
      sample.x = function_(sample.x);
      return sample;
    }
  }

  auto get_batch(absl::Span<const int64_t> indices,
                 int64_t epoch = 0) const requires BatchedDataset<D> && BatchedTransform<F> {
    auto batch = unwrap(get_batch_in_epoch(dataset_, indices, epoch));
    batch.x = function_.batch(batch.x);
    return batch;
  }

  const D& dataset() const { return dataset_; }

 private:
  D dataset_;
  F function_;
};

// Makes a transform of a tensor one of samples, which changes their y and leaves their x alone.
//   data::MapDataset train(mnist, data::OnTarget(data::OneHot(10)));
template <Transform F>
class OnTarget {
 public:
  explicit OnTarget(F function) : function_(std::move(function)) {}
  template <class S>
  requires requires(S sample) { sample.y; }
  S operator()(S sample) const {
    sample.y = function_(sample.y);
    return sample;
  }

 private:
  F function_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_MAP_DATASET_H_
