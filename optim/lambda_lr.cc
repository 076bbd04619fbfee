// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/lambda_lr.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tessera::optim {
namespace {

// One function for each group.
std::vector<EpochFunction> per_group(std::string_view name, std::vector<EpochFunction> functions,
                                     size_t groups) {
  if (functions.size() == 1) functions.resize(groups, functions[0]);
  const bool fits = functions.size() == groups;
  internal::check_schedule(
      name, fits ? "" : absl::StrCat(functions.size(), " functions for ", groups, " groups"));
  for (const EpochFunction& f : functions) {
    internal::check_schedule(name, f ? "" : "the function is empty");
  }
  return functions;
}

}  // namespace

LambdaLR::LambdaLR(Optimizer& optimizer, std::vector<EpochFunction> lr_lambdas, int64_t last_epoch)
    : LRScheduler("LambdaLR", optimizer, last_epoch),
      lr_lambdas_(per_group("LambdaLR", std::move(lr_lambdas), optimizer.num_groups())) {
  start();
}

double LambdaLR::first_lr(size_t group, double lr, double base) const {
  return next_lr(group, lr, base);
}

double LambdaLR::next_lr(size_t group, double /*lr*/, double base) const {
  return base * lr_lambdas_[group](last_epoch());
}

MultiplicativeLR::MultiplicativeLR(Optimizer& optimizer, std::vector<EpochFunction> lr_lambdas,
                                   int64_t last_epoch)
    : LRScheduler("MultiplicativeLR", optimizer, last_epoch),
      lr_lambdas_(per_group("MultiplicativeLR", std::move(lr_lambdas), optimizer.num_groups())) {
  start();
}

void MultiplicativeLR::restart() {
  set_last_epoch(-1);
  step();
}

double MultiplicativeLR::next_lr(size_t group, double lr, double /*base*/) const {
  return lr * lr_lambdas_[group](last_epoch());
}

}  // namespace tessera::optim
