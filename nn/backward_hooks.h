// SPDX-License-Identifier: Apache-2.0
//
// WatchedCall: one call of a module whose gradients pass by functions. What Module's and ModuleOf's
// full backward hooks are made of.
#ifndef TESSERA_NN_BACKWARD_HOOKS_H_
#define TESSERA_NN_BACKWARD_HOOKS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::internal {

// Gradients of a call's inputs or outputs, by their places; undefined where there is none. The
// functions may put others in place of those that are there.
using Gradients = std::vector<Tensor>;

struct BackwardFunctions {
  // Called when the gradients of the outputs have arrived,
  std::function<void(Gradients& grad_output)> before;
  // and when those of the inputs are there too, or, if no input requires any, right afterwards.
  std::function<void(Gradients& grad_input, const Gradients& grad_output)> after;
};

// The two are called in this order, around the module's forward. They put tensors of the same
// values in place of those that require a gradient; null pointers and undefined tensors count as
// places. Without grad mode they do nothing.
class WatchedCall {
 public:
  explicit WatchedCall(BackwardFunctions functions);

  void watch_inputs(absl::Span<Tensor* const> inputs);
  void watch_outputs(absl::Span<Tensor* const> outputs);

 private:
  struct Shared;  // with the tape
  std::shared_ptr<Shared> shared_;
};

// ---- The tensors of a result ----

inline void collect_tensors(Tensor& tensor, std::vector<Tensor*>& out) { out.push_back(&tensor); }

inline void collect_tensors(std::vector<Tensor>& tensors, std::vector<Tensor*>& out) {
  for (Tensor& tensor : tensors) out.push_back(&tensor);
}

// A struct with `auto tensors() { return std::tie(output, weights); }`.
template <class Result>
requires requires(Result& result) { result.tensors(); }
void collect_tensors(Result& result, std::vector<Tensor*>& out) {
  std::apply([&](auto&... tensor) { (out.push_back(&tensor), ...); }, result.tensors());
}

// Elements that are no tensors have no place.
template <class... Elements>
void collect_tensors(std::tuple<Elements...>& result, std::vector<Tensor*>& out);

template <class Element>
void collect_if_tensors(Element& element, std::vector<Tensor*>& out) {
  if constexpr (requires { collect_tensors(element, out); }) collect_tensors(element, out);
}

template <class First, class Second>
void collect_tensors(std::pair<First, Second>& result, std::vector<Tensor*>& out) {
  collect_if_tensors(result.first, out);
  collect_if_tensors(result.second, out);
}

template <class... Elements>
void collect_tensors(std::tuple<Elements...>& result, std::vector<Tensor*>& out) {
  std::apply([&](auto&... element) { (collect_if_tensors(element, out), ...); }, result);
}

template <class Result>
concept HasTensors = requires(Result& result, std::vector<Tensor*>& out) {
  collect_tensors(result, out);
};

inline Tensor* as_tensor(Tensor& argument) { return &argument; }
template <class Argument>
Tensor* as_tensor(Argument& /*argument*/) {
  return nullptr;
}

}  // namespace tessera::nn::internal

#endif  // TESSERA_NN_BACKWARD_HOOKS_H_
