// SPDX-License-Identifier: Apache-2.0
//
// Transforms of images, for MapDataset. Each works on one sample, as a function, and on a batch.
//
//   data::Compose transform(data::ToTensor(), data::Normalize({0.1307}, {0.3081}));
//   data::MapDataset train(mnist, transform);
#ifndef TESSERA_DATA_TRANSFORMS_H_
#define TESSERA_DATA_TRANSFORMS_H_

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "tessera/data/map_dataset.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// Pixels as they are in files, to what convolutions want: (H, W) or (H, W, C) of uint8 in 0..255
// becomes (C, H, W) of float32 in [0, 1].
//   errors: kInvalidArgument, thrown, for another rank or dtype
class ToTensor {
 public:
  Tensor operator()(const Tensor& image) const;
  // (N, H, W) or (N, H, W, C)
  Tensor batch(const Tensor& images) const;
};

// (x - mean) / std for each channel of (C, H, W).
//   dtype:  floating point
//   errors: kInvalidArgument, thrown: a std that is not positive, lists of different lengths, an
//           input with another number of channels
class Normalize {
 public:
  Normalize(const std::vector<double>& mean, const std::vector<double>& std);
  Tensor operator()(const Tensor& image) const;
  // (N, C, H, W)
  Tensor batch(const Tensor& images) const;

 private:
  Tensor apply(const Tensor& x, int rank) const;
  Tensor mean_;  // (C, 1, 1)
  Tensor std_;
};

// A class to a vector with a one at its place: () or (N) of integers below `classes` becomes
// (classes) or (N, classes) of float32.
//   errors: kInvalidArgument, thrown, for another dtype; kOutOfRange for a class that is not in
//           [0, classes)
class OneHot {
 public:
  explicit OneHot(int64_t classes);
  Tensor operator()(const Tensor& target) const;
  Tensor batch(const Tensor& targets) const { return (*this)(targets); }

 private:
  int64_t classes_;
};

// One transform after the other. Any function of a tensor is one, so a lambda will do where
// torchvision has Lambda:
//
//   data::Compose(data::ToTensor(), [](const Tensor& x) { return x * 2 - 1; })
//
// It is a RandomTransform if one of them is, else a Transform; with batch() if all have it.
template <class... Fs>
requires((Transform<Fs> || RandomTransform<Fs>)&&...) class Compose {
 public:
  explicit Compose(Fs... transforms) : transforms_(std::move(transforms)...) {}

  Tensor operator()(const Tensor& sample) const requires(Transform<Fs>&&...) {
    Tensor x = sample;
    std::apply([&](const Fs&... f) { ((x = f(x)), ...); }, transforms_);
    return x;
  }
  Tensor operator()(const Tensor& sample, const SampleKey& key) const
      requires(!(Transform<Fs> && ...)) {
    Tensor x = sample;
    SampleKey inner = key;
    inner.stream *= 61;  // of a Compose in a Compose
    const auto apply_one = [&]<class F>(const F& f) {
      ++inner.stream;
      if constexpr (Transform<F>) {
        x = f(x);
      } else {
        x = f(x, inner);
      }
    };
    std::apply([&](const Fs&... f) { (apply_one(f), ...); }, transforms_);
    return x;
  }
  Tensor batch(const Tensor& samples) const requires(BatchedTransform<Fs>&&...) {
    Tensor x = samples;
    std::apply([&](const Fs&... f) { ((x = f.batch(x)), ...); }, transforms_);
    return x;
  }

 private:
  std::tuple<Fs...> transforms_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_TRANSFORMS_H_
