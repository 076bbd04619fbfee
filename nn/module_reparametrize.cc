// SPDX-License-Identifier: Apache-2.0
//
// Parameters that are computed from others in every call.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/autograd/stand_in.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/module.h"
#include "tessera/nn/module_state.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {

void Module::reparametrize(const std::string& name, const std::vector<NamedTensor>& parts,
                           std::function<Tensor(bool training)> compute,
                           const std::vector<NamedTensor>& buffers) {
  auto& list = state_->parameters;
  const auto place =
      std::find_if(list.begin(), list.end(), [&](const NamedTensor& p) { return p.first == name; });
  if (place == list.end()) {
    raise(absl::NotFoundError(absl::StrCat(type_name(), " has no parameter '", name, "'")));
  }
  for (const NamedTensor& part : parts) check_new_name(part.first);
  for (const NamedTensor& buffer : buffers) check_new_name(buffer.first);
  State::Reparametrization taken = {*place, {}, std::move(compute)};
  list.erase(place);
  for (const NamedTensor& part : parts) {
    add_parameter(part.first, part.second);
    taken.parts.push_back(part.first);
  }
  for (const NamedTensor& buffer : buffers) {
    add_buffer(buffer.first, buffer.second);
    taken.parts.push_back(buffer.first);
  }
  state_->reparametrizations.push_back(std::move(taken));
}

void Module::remove_reparametrization(const std::string& name) {
  auto& list = state_->reparametrizations;
  const auto place = std::find_if(list.begin(), list.end(),
                                  [&](const auto& r) { return r.parameter.first == name; });
  if (place == list.end()) {
    raise(absl::NotFoundError(
        absl::StrCat(type_name(), ": '", name, "' is not a reparametrized parameter")));
  }
  {
    NoGradGuard no_grad;
    Tensor target = place->parameter.second.detach();
    target.copy_(place->compute(/*training=*/false));
  }
  auto is_part = [&](const std::string& name) {
    return std::find(place->parts.begin(), place->parts.end(), name) != place->parts.end();
  };
  std::erase_if(state_->parameters, [&](const NamedTensor& p) { return is_part(p.first); });
  std::erase_if(state_->buffers, [&](const State::Buffer& b) { return is_part(b.name); });
  state_->parameters.push_back(place->parameter);
  list.erase(place);
}

std::shared_ptr<void> Module::computed_parameters() const {
  if (state_->reparametrizations.empty()) [[likely]]
    return nullptr;
  auto computed = std::make_shared<std::vector<std::unique_ptr<autograd::StandIn>>>();
  for (const State::Reparametrization& r : state_->reparametrizations) {
    computed->push_back(
        std::make_unique<autograd::StandIn>(r.parameter.second, r.compute(is_training())));
  }
  return computed;
}

}  // namespace tessera::nn
