// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/option_checks.h"

#include "absl/strings/str_cat.h"

namespace tessera::optim::internal {

std::string check_at_least(double least, std::string_view name, double value) {
  if (value >= least) return "";
  return absl::StrCat(name, " is ", value, ", not at least ", least);
}

std::string check_range(double least, double most, std::string_view name, double value) {
  if (value >= least && value <= most) return "";
  return absl::StrCat(name, " is ", value, ", not in [", least, ", ", most, "]");
}

std::string check_decay(std::string_view name, double value) {
  if (value >= 0 && value < 1) return "";
  return absl::StrCat(name, " is ", value, ", not in [0, 1)");
}

std::string check_betas(const std::pair<double, double>& betas) {
  return first_problem({check_decay("betas.0", betas.first), check_decay("betas.1", betas.second)});
}

std::string first_problem(std::initializer_list<std::string> problems) {
  for (const std::string& problem : problems) {
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace tessera::optim::internal
