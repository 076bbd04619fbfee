// SPDX-License-Identifier: Apache-2.0
//
// One step of an optimizer on many parameters at once, in place. optim/ holds the optimizers.
//   shape:  the tensors of one place in the lists (parameter, gradient, state) have one shape
//   dtype:  one floating point dtype for all
//   errors: kInvalidArgument for lists of different lengths or shapes; kFailedPrecondition if the
//           tape needs a parameter's present value
#ifndef TESSERA_TENSOR_OPS_OPTIMIZER_H_
#define TESSERA_TENSOR_OPS_OPTIMIZER_H_

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

using TensorList = absl::Span<const Tensor>;

// g = gradient (negated if maximize) + weight_decay p; with momentum
//   m = momentum m + (1 - dampening) g     (m = g on the first step)
//   g = nesterov ? g + momentum m : m
// p -= lr g. Source: torch.optim.SGD (Sutskever et al., 2013).
struct SgdStepOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
  bool first = false;  // of this optimizer: momentum buffers hold nothing yet
};
// `momentum_buffers` is empty if options.momentum is 0.
void sgd_step(TensorList parameters, TensorList gradients, TensorList momentum_buffers,
              const SgdStepOptions& options);

// g = gradient (negated if maximize); weight decay is added to g, or (decoupled, AdamW) shrinks p
// by 1 - lr weight_decay first;
//   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  u = amsgrad ? max(u, v) : v
//   p -= lr / (1 - beta1^step) * m / (sqrt(u / (1 - beta2^step)) + eps)
// Source: Kingma and Ba, 2015; Loshchilov and Hutter, 2019; Reddi et al., 2018.
struct AdamStepOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool amsgrad = false;
  bool decoupled = false;
  bool maximize = false;
  int64_t step = 1;  // counts from 1
};
// `max_exp_avg_sq` is empty without amsgrad.
void adam_step(TensorList parameters, TensorList gradients, TensorList exp_avg,
               TensorList exp_avg_sq, TensorList max_exp_avg_sq, const AdamStepOptions& options);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_OPTIMIZER_H_
