// SPDX-License-Identifier: Apache-2.0
//
// All parameters of a model as one vector, as torch.nn.utils.parameters_to_vector.
//
//   Tensor flat = nn::utils::parameters_to_vector(model.parameters());
//   nn::utils::vector_to_parameters(flat * 0.5, model.parameters());
#ifndef TESSERA_NN_UTILS_PARAMETERS_H_
#define TESSERA_NN_UTILS_PARAMETERS_H_

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::utils {

// The elements of all parameters, one tensor after another, in row-major order. Differentiable.
//   shape:  parameters of any shapes -> (sum of their elements)
//   errors: throws kInvalidArgument for no parameter, or parameters on different devices
Tensor parameters_to_vector(absl::Span<const Tensor> parameters);

// Copies the elements of `vector` into the parameters, in place, without telling the tape.
//   shape:  vector (sum of the parameters' elements)
//   errors: throws kInvalidArgument for another number of elements, before anything is changed;
//           kFailedPrecondition for a parameter whose value the tape still needs
void vector_to_parameters(const Tensor& vector, absl::Span<const Tensor> parameters);

}  // namespace tessera::nn::utils

#endif  // TESSERA_NN_UTILS_PARAMETERS_H_
