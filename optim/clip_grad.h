// SPDX-License-Identifier: Apache-2.0
//
// Limits on gradients between backward() and step(), as torch.nn.utils.
//
//   nn::utils::clip_grad_norm_(model.parameters(), 1.0);
//
// Parameters without a gradient are passed over.
//   dtype:  gradients of one floating point dtype, on one device
#ifndef TESSERA_OPTIM_CLIP_GRAD_H_
#define TESSERA_OPTIM_CLIP_GRAD_H_

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::utils {

struct ClipGradNormOptions {
  // 1, 2, ...; infinity for the largest absolute element, -infinity for the least.
  double norm_type = 2;
  bool error_if_nonfinite = false;
};

// The norm of all tensors as one vector (rank 0), without waiting for the device: the norm of their
// norms. (For a norm_type of 0 that is how many tensors are not 0, as in PyTorch.)
//   errors: throws kInvalidArgument for a norm_type that is nan; kFailedPrecondition for a norm
//           that is inf or nan, if error_if_nonfinite (which waits for the device)
Tensor get_total_norm(absl::Span<const Tensor> tensors, const ClipGradNormOptions& options = {});

// Multiplies all gradients by min(1, max_norm / (total_norm + 1e-6)).
void clip_grads_with_norm_(absl::Span<const Tensor> parameters, double max_norm,
                           const Tensor& total_norm);

// Both: limits the norm of all gradients to max_norm. Returns the norm before.
//   errors: as get_total_norm
//   source: Pascanu et al., 2013, with PyTorch's 1e-6
Tensor clip_grad_norm_(absl::Span<const Tensor> parameters, double max_norm,
                       const ClipGradNormOptions& options = {});

// Holds every element within [-clip_value, clip_value].
//   errors: throws kInvalidArgument for a negative clip_value
void clip_grad_value_(absl::Span<const Tensor> parameters, double clip_value);

}  // namespace tessera::nn::utils

#endif  // TESSERA_OPTIM_CLIP_GRAD_H_
