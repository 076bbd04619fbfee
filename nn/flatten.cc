// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/flatten.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tessera::nn {

std::string Flatten::extra_repr() const {
  return absl::StrCat("start_dim=", start_dim_, ", end_dim=", end_dim_);
}

std::string Unflatten::extra_repr() const {
  return absl::StrCat("dim=", dim_, ", unflattened_size=(", absl::StrJoin(sizes_, ", "), ")");
}

}  // namespace tessera::nn
