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
  double norm_type = 2;  // 1, 2, ..., or infinity for the largest absolute element
  bool error_if_nonfinite = false;
};

// Multiplies all gradients by min(1, max_norm / (norm + 1e-6)), where norm is that of all of them
// as one vector. Returns the norm (rank 0), without waiting for the device.
//   errors: throws kInvalidArgument for norm_type not above 0; kFailedPrecondition for a norm that
//           is inf or nan, if error_if_nonfinite (which waits for the device)
//   source: Pascanu et al., 2013, with PyTorch's 1e-6
Tensor clip_grad_norm_(absl::Span<const Tensor> parameters, double max_norm,
                       const ClipGradNormOptions& options = {});

// Holds every element within [-clip_value, clip_value].
//   errors: throws kInvalidArgument for a negative clip_value
void clip_grad_value_(absl::Span<const Tensor> parameters, double clip_value);

}  // namespace tessera::nn::utils

#endif  // TESSERA_OPTIM_CLIP_GRAD_H_
