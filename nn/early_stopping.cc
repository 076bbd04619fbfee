// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/early_stopping.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::nn {

EarlyStopping::EarlyStopping(const EarlyStoppingOptions& options) : options_(options) {
  if (options.patience < 1 || !(options.min_delta >= 0)) {
    raise(absl::InvalidArgumentError(absl::StrCat("EarlyStopping: patience is ", options.patience,
                                                  ", min_delta ", options.min_delta,
                                                  "; expected at least 1, and not negative")));
  }
}

bool EarlyStopping::update(double value, const Module& module) {
  ++updates_;
  if (!(value < best_ - options_.min_delta)) return false;
  best_ = value;
  best_update_ = updates_;
  best_state_ = StateDict();
  for (const auto& [name, tensor] : module.state_dict()) best_state_.set(name, tensor.clone());
  return true;
}

void EarlyStopping::restore_best(Module& module) const {
  if (best_update_ == 0) return;
  raise_if_error(module.load_state_dict(best_state_).status());
}

}  // namespace tessera::nn
