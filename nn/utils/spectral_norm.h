// SPDX-License-Identifier: Apache-2.0
//
// A weight divided by its greatest singular value, as torch.nn.utils.spectral_norm.
//
//   nn::Linear& layer = ...;
//   nn::utils::spectral_norm(layer);          // trains weight_orig in place of weight
//   nn::utils::remove_spectral_norm(layer);   // weight again, with the value it has now
#ifndef TESSERA_NN_UTILS_SPECTRAL_NORM_H_
#define TESSERA_NN_UTILS_SPECTRAL_NORM_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn::utils {

struct SpectralNormOptions {
  std::string name = "weight";
  int64_t n_power_iterations = 1;  // in every call while training
  double eps = 1e-12;              // the least norm that u and v are divided by
  // The dimension that is the rows of the matrix; nullopt: 1 for transposed convolutions, else 0.
  std::optional<int64_t> dim = std::nullopt;
};

// Replaces the parameter `name` of `module` itself by name + "_orig", W, and computes it in every
// call of the module as W / sigma, sigma = u^T W v. The buffers name + "_u" and name + "_v" are
// random at first; each power iteration while training sets v to W^T u and u to W v, of length 1.
// The gradient takes u and v as constants.
//   shape:  W as a matrix (n_dim, the others); u (n_dim), v (the others)
//   errors: throws kNotFound if there is no such parameter, kOutOfRange for a dim that it lacks,
//           kInvalidArgument for n_power_iterations below 1 and for a weight of no dimension
//   source: Miyato et al., 2018
// Between calls the member itself keeps its last value before this function.
void spectral_norm(Module& module, const SpectralNormOptions& options = {});

// Makes `name` a parameter again, with the present value of W / sigma.
//   errors: throws kNotFound if spectral_norm() was not called for it
void remove_spectral_norm(Module& module, const std::string& name = "weight");

}  // namespace tessera::nn::utils

#endif  // TESSERA_NN_UTILS_SPECTRAL_NORM_H_
