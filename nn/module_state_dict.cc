// SPDX-License-Identifier: Apache-2.0
//
// Saving and loading.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/nn/module.h"
#include "tessera/nn/module_state.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {

StateDict Module::state_dict() const {
  // PyTorch's order: a module's parameters, then its buffers, then its children.
  StateDict result;
  auto visit = [&result](auto& self, const Module& module, const std::string& prefix) -> void {
    module.check_initialized(prefix);
    for (const auto& [name, value] : module.state_->parameters) {
      result.set(join_names(prefix, name), value.detach());
    }
    for (const State::Buffer& b : module.state_->buffers) {
      if (b.persistent) result.set(join_names(prefix, b.name), b.value.detach());
    }
    for (const State::Child& c : module.state_->children) {
      self(self, *c.module, join_names(prefix, c.name));
    }
  };
  visit(visit, *this, "");
  return result;
}

absl::StatusOr<LoadResult> Module::load_state_dict(const StateDict& state,
                                                   const LoadStateDictOptions& options) {
  for (auto& [path, module] : named_modules()) {
    if (!module->state_->uninitialized) continue;
    module->initialize_from(path.empty() ? state : state.with_prefix(path + "."));
  }
  LoadResult result;
  std::vector<std::string> mismatched;
  const StateDict own = state_dict();
  for (const auto& [name, tensor] : own) {
    const Tensor* given = state.find(name);
    if (given == nullptr) {
      result.missing.push_back(name);
    } else if (!given->defined() || given->shape() != tensor.shape()) {
      mismatched.push_back(absl::StrCat(name, ": the dict has ",
                                        given->defined() ? given->shape().to_string() : "no tensor",
                                        ", the module ", tensor.shape().to_string()));
    }
  }
  for (const auto& entry : state) {
    if (!own.contains(entry.first)) result.unexpected.push_back(entry.first);
  }
  std::vector<std::string> problems;
  if (options.strict && !result.missing.empty()) {
    problems.push_back(absl::StrCat("missing: ", absl::StrJoin(result.missing, ", ")));
  }
  if (options.strict && !result.unexpected.empty()) {
    problems.push_back(absl::StrCat("unexpected: ", absl::StrJoin(result.unexpected, ", ")));
  }
  if (!mismatched.empty()) {
    problems.push_back(absl::StrCat("of another shape: ", absl::StrJoin(mismatched, "; ")));
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("load_state_dict of ", type_name(), ": ", absl::StrJoin(problems, "; ")));
  }
  NoGradGuard no_grad;
  for (const auto& [name, tensor] : own) {
    Tensor target = tensor;  // shares the parameter's memory
    if (const Tensor* given = state.find(name)) {
      target.copy_(given->detach().to(target.device()).to(target.dtype()));
    }
  }
  return result;
}

}  // namespace tessera::nn
