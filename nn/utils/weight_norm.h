// SPDX-License-Identifier: Apache-2.0
//
// A parameter as a length and a direction, as torch.nn.utils.weight_norm.
//
//   nn::Linear& layer = ...;
//   nn::utils::weight_norm(layer);          // trains weight_g and weight_v in place of weight
//   nn::utils::remove_weight_norm(layer);   // weight again, with the value it has now
#ifndef TESSERA_NN_UTILS_WEIGHT_NORM_H_
#define TESSERA_NN_UTILS_WEIGHT_NORM_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn::utils {

// Replaces the parameter `name` of `module` itself by name + "_g", its norms, and name + "_v", and
// computes it in every call of the module as g * v / |v|, norms over all dimensions but `dim` (over
// all without one).
//   shape:  weight (n_0, ..) -> g (1, .., n_dim, .., 1) or (), v as weight
//   errors: throws kNotFound if there is no such parameter, kOutOfRange for a dim that it lacks
//   source: Salimans and Kingma, 2016
// Between calls the member itself keeps its last value before this function.
void weight_norm(Module& module, const std::string& name = "weight",
                 std::optional<int64_t> dim = 0);

// Makes `name` a parameter again, with the present value of g * v / |v|.
//   errors: throws kNotFound if weight_norm() was not called for it
void remove_weight_norm(Module& module, const std::string& name = "weight");

}  // namespace tessera::nn::utils

#endif  // TESSERA_NN_UTILS_WEIGHT_NORM_H_
