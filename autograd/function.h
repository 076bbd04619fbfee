// SPDX-License-Identifier: Apache-2.0
//
// custom_function: a computation with a gradient of its own (torch.autograd.Function).
//
//   // Rounds; the gradient passes as if it did not (straight-through estimator).
//   Tensor y = autograd::custom_function(
//       "round_through", {x}, [&] { return std::vector<Tensor>{x.round()}; },
//       [](VjpContext& c) { c.set(0, c.grad()); })[0];
#ifndef TESSERA_AUTOGRAD_FUNCTION_H_
#define TESSERA_AUTOGRAD_FUNCTION_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

// What the vjp will read: bit i stands for input or output i, kSaveAll for every one.
struct SavedValues {
  uint32_t inputs = 0;
  uint32_t outputs = 0;
};

// Runs `forward` without recording and remembers it as one op with the gradient `vjp`
// (tensor/op_def.h has its contract). `vjp` is kept as long as the graph; written in ops, it has a
// gradient itself. Tensors that `forward` or `vjp` capture besides `inputs` get no gradient.
// `name` is for messages: a string literal.
std::vector<Tensor> custom_function(const char* name, absl::Span<const Tensor> inputs,
                                    absl::FunctionRef<std::vector<Tensor>()> forward,
                                    std::function<void(VjpContext&)> vjp,
                                    const SavedValues& saved = {});

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_FUNCTION_H_
