// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/upsample.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/nn/python_text.h"

namespace tessera::nn {
namespace {

// "2.0", "(2.0, 3.0)"
std::string tuple_of(const std::vector<std::string>& parts) {
  if (parts.size() == 1) return parts[0];
  return absl::StrCat("(", absl::StrJoin(parts, ", "), ")");
}

}  // namespace

std::string Upsample::extra_repr() const {
  std::vector<std::string> parts;
  const bool by_factor = !options_.scale_factor.empty();
  for (double factor : options_.scale_factor) parts.push_back(python_text(factor));
  if (!by_factor) {
    for (int64_t size : options_.size) parts.push_back(absl::StrCat(size));
  }
  return absl::StrCat(by_factor ? "scale_factor=" : "size=", tuple_of(parts), ", mode='",
                      interpolate_mode_name(options_.mode), "'");
}

}  // namespace tessera::nn
