// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/op_def.h"

namespace tessera {

void InferContext::set_view(Shape shape, Strides strides, int64_t offset) {
  outputs.push_back({dtype(0), std::move(shape)});
  view_strides = std::move(strides);
  view_offset = offset;
}

absl::Status InferContext::annotate(const absl::Status& status) const {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(op_name(), ": ", status.message()));
}

}  // namespace tessera
