// SPDX-License-Identifier: Apache-2.0
//
// MapDataset: a dataset whose samples go through a function.
//
//   data::MapDataset train(mnist, data::ToTensor());
//   data::MapDataset pairs(mnist, [](data::Example e) { return std::pair(e.x, e.x); });
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

// `F` is a Transform, for samples that have an `x`, or a function of a whole sample. It is called
// by several threads at once if the loader has workers. Batches are fetched at once if both the
// dataset and the transform can do that, else sample by sample.
template <Dataset D, class F>
class MapDataset {
 public:
  MapDataset(D dataset, F function)
      : dataset_(std::move(dataset)), function_(std::move(function)) {}

  int64_t size() const { return dataset_.size(); }

  auto get(int64_t index) const {
    auto sample = unwrap(dataset_.get(index));
    if constexpr (std::invocable<const F&, decltype(sample)>) {
      return function_(std::move(sample));
    } else {
      sample.x = function_(sample.x);
      return sample;
    }
  }

  auto get_batch(absl::Span<const int64_t> indices) const requires BatchedDataset<D> &&
      BatchedTransform<F> {
    auto batch = unwrap(dataset_.get_batch(indices));
    batch.x = function_.batch(batch.x);
    return batch;
  }

  const D& dataset() const { return dataset_; }

 private:
  D dataset_;
  F function_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_MAP_DATASET_H_
