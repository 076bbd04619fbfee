// SPDX-License-Identifier: Apache-2.0
//
// checkpoint: compute again in backward() instead of keeping values (torch.utils.checkpoint).
//
//   Tensor h = checkpoint([&](const Tensor& x) { return block(x); }, x);
//
// A chain of n blocks keeps n inputs and, at any one time, what one block keeps.
#ifndef TESSERA_AUTOGRAD_CHECKPOINT_H_
#define TESSERA_AUTOGRAD_CHECKPOINT_H_

#include <functional>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera {

// The outputs of function(inputs), whose graph keeps `inputs` alone; backward() calls `function`
// once more for the rest. The gradients are those of the plain call, for the inputs and for leaves
// (parameters) that the function uses; gradients of gradients work too.
//   errors: those of the function; kFailedPrecondition from backward() if the second call applies
//           other ops than the first
// `function` is copied and lives as long as the graph. It must do the same both times, and ask for
// no gradients itself. The default generator of random numbers is put back for the second call; no
// other thread may draw from it meanwhile. What the function captures must not change in between
// (the inputs, and the leaves it uses, refuse writes).
std::vector<Tensor> checkpoint(
    std::function<std::vector<Tensor>(const std::vector<Tensor>&)> function,
    std::vector<Tensor> inputs);
Tensor checkpoint(std::function<Tensor(const Tensor&)> function, const Tensor& input);

}  // namespace tessera

#endif  // TESSERA_AUTOGRAD_CHECKPOINT_H_
