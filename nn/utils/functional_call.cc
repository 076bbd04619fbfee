// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/functional_call.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::nn::utils {

ReplacedTensors::ReplacedTensors(const Module& module, const StateDict& tensors) {
  absl::flat_hash_map<std::string, Tensor> own;
  for (const auto& [name, tensor] : module.named_parameters()) own.emplace(name, tensor);
  for (const auto& [name, tensor] : module.named_buffers()) own.emplace(name, tensor);
  for (const auto& [name, value] : tensors) {
    const auto place = own.find(name);
    if (place == own.end()) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("functional_call: ", module.type_name(), " has no tensor '", name, "'")));
    }
    const Tensor& target = place->second;
    if (value.shape() != target.shape() || value.dtype() != target.dtype()) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("functional_call: '", name, "' is ", target.shape().to_string(), " ",
                       dtype_name(target.dtype()), ", given ", value.shape().to_string(), " ",
                       dtype_name(value.dtype()))));
    }
    stand_ins_.push_back(std::make_unique<autograd::StandIn>(target, value));
  }
}

}  // namespace tessera::nn::utils
