// SPDX-License-Identifier: Apache-2.0
//
// How samples become a batch, for datasets that give one sample at a time.
//
//   a sample is             a batch is
//   Tensor, shape S         Tensor, shape (n, S...)
//   an integer              Tensor of int64, shape (n)
//   float, double, bool     Tensor of float32, float64, bool, shape (n)
//   Example, pair, tuple    the same, of batches
//   anything else           std::vector of the samples
#ifndef TESSERA_DATA_COLLATE_H_
#define TESSERA_DATA_COLLATE_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/example.h"
#include "tessera/data/host_tensor.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// Puts tensors of one shape and dtype on top of each other, as a new first dimension.
//   errors: kInvalidArgument if there is none, or with the first that differs and both values
Tensor stack_samples(absl::Span<const Tensor> samples);

// Collate<S>::type is what a batch of S is; Collate<S>::apply(samples) makes one.
// Specialise it for a sample type of your own.
template <class S>
struct Collate {
  using type = std::vector<S>;
  static type apply(std::vector<S> samples) { return samples; }
};

template <>
struct Collate<Tensor> {
  using type = Tensor;
  static Tensor apply(const std::vector<Tensor>& samples) { return stack_samples(samples); }
};

template <class S>
requires std::is_arithmetic_v<S>
struct Collate<S> {
  using type = Tensor;
  using Element = std::conditional_t<std::integral<S> && !std::same_as<S, bool>, int64_t, S>;
  static Tensor apply(const std::vector<S>& samples) {
    Tensor batch =
        value_or_raise(new_host_tensor(dtype_of<Element>, {static_cast<int64_t>(samples.size())}));
    Element* target = batch.mutable_data<Element>();
    for (size_t i = 0; i < samples.size(); ++i) target[i] = static_cast<Element>(samples[i]);
    return batch;
  }
};

// Puts the members `get` of all samples together.
template <class S, class Get>
auto collate_member(std::vector<S>& samples, Get get) {
  using Member = std::remove_cvref_t<decltype(get(samples[0]))>;
  std::vector<Member> members;
  members.reserve(samples.size());
  for (S& sample : samples) members.push_back(std::move(get(sample)));
  return Collate<Member>::apply(std::move(members));
}

template <>
struct Collate<Example> {
  using type = Example;
  static Example apply(std::vector<Example> samples) {
    return {collate_member(samples, [](Example& s) -> Tensor& { return s.x; }),
            collate_member(samples, [](Example& s) -> Tensor& { return s.y; })};
  }
};

template <class A, class B>
struct Collate<std::pair<A, B>> {
  using type = std::pair<typename Collate<A>::type, typename Collate<B>::type>;
  static type apply(std::vector<std::pair<A, B>> samples) {
    return {collate_member(samples, [](std::pair<A, B>& s) -> A& { return s.first; }),
            collate_member(samples, [](std::pair<A, B>& s) -> B& { return s.second; })};
  }
};

template <class... Ts>
struct Collate<std::tuple<Ts...>> {
  using type = std::tuple<typename Collate<Ts>::type...>;
  static type apply(std::vector<std::tuple<Ts...>> samples) {
    return [&]<size_t... I>(std::index_sequence<I...>) {
      return type{
          collate_member(samples, [](std::tuple<Ts...>& s) -> Ts& { return std::get<I>(s); })...};
    }
    (std::index_sequence_for<Ts...>());
  }
};

// Moves the tensors of a batch to a device: by its member move_to(device), if it has one. Types
// that have none and that Collate does not know stay as they are.
template <class B>
void move_batch(B& batch, const Device& device) {
  if constexpr (requires { batch.move_to(device); }) {
    batch.move_to(device);
  } else if constexpr (std::same_as<B, Tensor>) {
    batch = batch.to(device);
  } else if constexpr (std::same_as<B, Example>) {
    move_batch(batch.x, device);
    move_batch(batch.y, device);
  } else if constexpr (requires { std::tuple_size<B>::value; }) {
    std::apply([&](auto&... members) { (move_batch(members, device), ...); }, batch);
  }
}

}  // namespace tessera::data

#endif  // TESSERA_DATA_COLLATE_H_
