// SPDX-License-Identifier: Apache-2.0
//
// Runs a module with other parameters, as torch.func.functional_call.
//
//   nn::StateDict fast;
//   for (const auto& [name, p] : model.named_parameters()) fast.set(name, p - 0.1 * p.grad());
//   Tensor y = nn::utils::functional_call(model, fast, x);   // gradients flow into `fast`
#ifndef TESSERA_NN_UTILS_FUNCTIONAL_CALL_H_
#define TESSERA_NN_UTILS_FUNCTIONAL_CALL_H_

#include <memory>
#include <utility>
#include <vector>

#include "tessera/autograd/stand_in.h"
#include "tessera/nn/module.h"

namespace tessera::nn::utils {

// While one lives, the named parameters and buffers of a module stand for the given tensors
// (autograd::StandIn). Names that are not given keep their values. One thread.
//   errors: throws kInvalidArgument for a name that the module has not, and for another shape or
//           dtype
class ReplacedTensors {
 public:
  ReplacedTensors(const Module& module, const StateDict& tensors);

 private:
  std::vector<std::unique_ptr<autograd::StandIn>> stand_ins_;
};

// module(args...) with `tensors` in place of its own; afterwards the module is what it was. What
// forward writes into a buffer goes into the given tensor.
template <class M, class... Args>
auto functional_call(M& module, const StateDict& tensors, Args&&... args) {
  const ReplacedTensors replaced(module, tensors);
  return module(std::forward<Args>(args)...);
}

}  // namespace tessera::nn::utils

#endif  // TESSERA_NN_UTILS_FUNCTIONAL_CALL_H_
