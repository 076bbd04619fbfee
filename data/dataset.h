// SPDX-License-Identifier: Apache-2.0
//
// What a dataset is: any class with these two functions, no base class needed.
//
//   struct Squares {
//     int64_t size() const { return 100; }
//     data::Example get(int64_t i) const { return {full({1}, i), full({1}, i * i)}; }
//   };
//   data::DataLoader loader(Squares{}, {.batch_size = 10, .shuffle = true});
//
// `get` may return a sample of any type (collate.h says what a batch of them is) or an
// absl::StatusOr of one. A dataset that can gather many samples faster than one by one adds
//
//   Example get_batch(absl::Span<const int64_t> indices) const;    // or StatusOr of it
//
// which the loader then calls instead. A dataset whose samples change from epoch to epoch takes the
// epoch as a second argument, `get(int64_t i, int64_t epoch = 0)`, and so does its get_batch. They
// should be functions of their arguments alone. Both are called by several threads at once if the
// loader has workers. Datasets are passed by value: keep what is large in tensors or behind a
// shared_ptr.
#ifndef TESSERA_DATA_DATASET_H_
#define TESSERA_DATA_DATASET_H_

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tessera/data/collate.h"
#include "tessera/data/sample_error.h"

namespace tessera::data {

template <class D>
concept Dataset = requires(const D& dataset, int64_t index) {
  { dataset.size() } -> std::convertible_to<int64_t>;
  dataset.get(index);
};

template <class D>
concept BatchedDataset = Dataset<D> &&
    requires(const D& dataset, absl::Span<const int64_t> indices) {
  dataset.get_batch(indices);
};

template <class T>
struct WithoutStatus {
  using type = T;
};
template <class T>
struct WithoutStatus<absl::StatusOr<T>> {
  using type = T;
};

template <Dataset D>
using SampleOf = typename WithoutStatus<
    std::remove_cvref_t<decltype(std::declval<const D&>().get(int64_t{}))>>::type;

template <class D>
struct BatchOfDataset {
  using type = typename Collate<SampleOf<D>>::type;
};
template <BatchedDataset D>
struct BatchOfDataset<D> {
  using type =
      typename WithoutStatus<std::remove_cvref_t<decltype(std::declval<const D&>().get_batch(
          absl::Span<const int64_t>()))>>::type;
};
template <Dataset D>
using BatchOf = typename BatchOfDataset<D>::type;

// What get() and get_batch() return, in an epoch if they ask for one: for datasets made of others.
template <Dataset D>
auto get_in_epoch(const D& dataset, int64_t index, int64_t epoch) {
  if constexpr (requires { dataset.get(index, epoch); }) {
    return dataset.get(index, epoch);
  } else {
    return dataset.get(index);
  }
}
template <BatchedDataset D>
auto get_batch_in_epoch(const D& dataset, absl::Span<const int64_t> indices, int64_t epoch) {
  if constexpr (requires { dataset.get_batch(indices, epoch); }) {
    return dataset.get_batch(indices, epoch);
  } else {
    return dataset.get_batch(indices);
  }
}

// Sample `index`. Throws Error with the index for whatever the dataset returns or throws.
template <Dataset D>
SampleOf<D> get_sample(const D& dataset, int64_t index, int64_t epoch = 0) {
  return with_sample_index(index, [&] { return unwrap(get_in_epoch(dataset, index, epoch)); });
}

// The samples `indices` as one batch, by get_batch() where there is one.
// Throws Error with the index of the first sample that cannot be had.
template <Dataset D>
BatchOf<D> get_samples(const D& dataset, absl::Span<const int64_t> indices, int64_t epoch = 0) {
  if constexpr (BatchedDataset<D>) {
    return with_sample_indices(
        indices, [&] { return unwrap(get_batch_in_epoch(dataset, indices, epoch)); },
        // To find the culprit, once the batch has failed.
        [&](int64_t index) { (void)unwrap(get_in_epoch(dataset, index, epoch)); });
  } else {
    std::vector<SampleOf<D>> samples;
    samples.reserve(indices.size());
    for (int64_t index : indices) samples.push_back(get_sample(dataset, index, epoch));
    return Collate<SampleOf<D>>::apply(std::move(samples));
  }
}

// 0, 1, ..., count - 1, and begin, ..., end - 1.
std::vector<int64_t> range(int64_t count);
std::vector<int64_t> range(int64_t begin, int64_t end);

// The whole dataset as one batch.
template <Dataset D>
BatchOf<D> get_all(const D& dataset, int64_t epoch = 0) {
  return get_samples(dataset, range(dataset.size()), epoch);
}

}  // namespace tessera::data

#endif  // TESSERA_DATA_DATASET_H_
