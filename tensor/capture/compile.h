// SPDX-License-Identifier: Apache-2.0
//
// compile: records what a step does, once, and from then on only does it.
//
//   auto step = compile([&](const Tensor& x, const Tensor& y) {
//     optimizer.zero_grad();
//     Tensor loss = loss_fn(model(x), y);
//     loss.backward();
//     optimizer.step();
//     return loss;
//   });
//   for (const auto& [x, y] : loader) total += step(x, y).item<float>();
//   std::cout << step.report();
//
// The first call with inputs of some shapes and dtypes runs the function and records the nodes that
// it hands to the device; later ones hand over the same nodes, without shapes to infer, a tape to
// keep or memory to allocate. Optimizers read their options and count their steps, dropout and
// random numbers go on, and modules that are set to another mode are recorded anew. A run computes
// the bits that the function would compute (CompileOptions::fuse: to rounding).
//
// What a step is made of is the device's work. C++ code runs when it is recorded, and then no more:
// numbers of the host in it stay what they were. What has to happen in every run (counting,
// printing) goes into each_time(). Reading a value inside the step is an error that names the line.
#ifndef TESSERA_TENSOR_CAPTURE_COMPILE_H_
#define TESSERA_TENSOR_CAPTURE_COMPILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

struct CompileOptions {
  // Inputs of so many shapes are recorded; further ones run the function itself, as the log says
  // once.
  int max_recordings = 8;
  // Chains of nodes into one. Off: the same bits as the function's.
  bool fuse = true;
  // Lets the device prepare the recording (a CUDA graph, a Vulkan command buffer).
  bool device_graphs = true;
  // Waits after each node, for the report's list of the slowest.
  bool time_nodes = false;
};

namespace capture {

// What a report says of one recording.
struct ReportData {
  int recorded_nodes = 0;  // of the function's run
  int nodes = 0;           // of a run
  int dead = 0, common = 0, constant = 0;
  int fused_groups = 0, fused_nodes = 0;
  int device_graphs = 0, prepared_nodes = 0;
  uint64_t arena_bytes = 0, constant_bytes = 0;
  uint64_t eager_peak_bytes = 0;  // of what the arena replaces
  double flops = 0, bytes = 0;
  int64_t runs = 0;
};

class CompiledCalls {
 public:
  explicit CompiledCalls(const CompileOptions& options);
  ~CompiledCalls();
  CompiledCalls(CompiledCalls&&) noexcept;

  // `function` gets the inputs, made dense. The results are the caller's: later calls do not change
  // them.
  std::vector<Tensor> call(
      absl::Span<const Tensor> inputs,
      absl::FunctionRef<std::vector<Tensor>(absl::Span<const Tensor>)> function);

  std::vector<ReportData> data() const;
  std::string report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What steps may return, as a list and back.
inline std::vector<Tensor> as_list(Tensor t) { return {std::move(t)}; }
inline std::vector<Tensor> as_list(std::vector<Tensor> list) { return list; }
template <class... T>
std::vector<Tensor> as_list(std::tuple<T...> tuple) {
  return std::apply([](auto&... t) { return std::vector<Tensor>{t...}; }, tuple);
}
template <class A, class B>
std::vector<Tensor> as_list(std::pair<A, B> pair) {
  return {pair.first, pair.second};
}

template <class R>
R from_list(std::vector<Tensor> list) {
  if constexpr (std::is_same_v<R, Tensor>) {
    return std::move(list[0]);
  } else if constexpr (std::is_same_v<R, std::vector<Tensor>>) {
    return list;
  } else {
    return [&]<size_t... i>(std::index_sequence<i...>) { return R{std::move(list[i])...}; }
    (std::make_index_sequence<std::tuple_size_v<R>>());
  }
}

}  // namespace capture

// A step that was compiled: call it as the function it is made of. One thread at a time. What the
// function refers to has to live as long.
template <class Function>
class Compiled {
 public:
  explicit Compiled(Function function, const CompileOptions& options = {})
      : function_(std::move(function)), calls_(options) {}

  // Returns what the function returns, without a gradient: void, a Tensor, or a vector, pair or
  // tuple of tensors.
  //   errors: throws kInvalidArgument for an input that is undefined, a number, or requires a
  //           gradient; kFailedPrecondition for a step that cannot be recorded; what its ops throw
  template <class... Inputs>
  auto operator()(const Inputs&... inputs) {
    static_assert((std::is_convertible_v<const Inputs&, const Tensor&> && ...),
                  "the inputs of a compiled step are tensors");
    using R = std::invoke_result_t<Function&, const Inputs&...>;
    const Tensor all[] = {inputs..., Tensor()};
    const absl::Span<const Tensor> given(all, sizeof...(inputs));
    auto call = [&](absl::Span<const Tensor> dense) {
      return [&]<size_t... i>(std::index_sequence<i...>) {
        if constexpr (std::is_void_v<R>) {
          function_(dense[i]...);
          return std::vector<Tensor>();
        } else {
          return capture::as_list(function_(dense[i]...));
        }
      }
      (std::index_sequence_for<Inputs...>());
    };
    std::vector<Tensor> results = calls_.call(given, call);
    if constexpr (!std::is_void_v<R>) return capture::from_list<R>(std::move(results));
  }

  // What was recorded, for people: nodes, memory, operations, bytes; a block for each recording.
  std::string report() const { return calls_.report(); }
  std::vector<capture::ReportData> report_data() const { return calls_.data(); }

 private:
  Function function_;
  capture::CompiledCalls calls_;
};

template <class Function>
Compiled<std::decay_t<Function>> compile(Function&& function, const CompileOptions& options = {}) {
  return Compiled<std::decay_t<Function>>(std::forward<Function>(function), options);
}

}  // namespace tessera

#endif  // TESSERA_TENSOR_CAPTURE_COMPILE_H_
