// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/checkpoint.h"

#include <utility>

#include "tessera/autograd/checkpoint_frame.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/tensor/ref_counted.h"

namespace tessera {

std::vector<Tensor> checkpoint(
    std::function<std::vector<Tensor>(const std::vector<Tensor>&)> function,
    std::vector<Tensor> inputs) {
  if (!is_grad_enabled()) return function(inputs);
  return make_ref<autograd::CheckpointFrame>(std::move(function), std::move(inputs))->run();
}

Tensor checkpoint(std::function<Tensor(const Tensor&)> function, const Tensor& input) {
  return checkpoint(
      [function = std::move(function)](const std::vector<Tensor>& inputs) {
        return std::vector<Tensor>{function(inputs[0])};
      },
      {input})[0];
}

}  // namespace tessera
