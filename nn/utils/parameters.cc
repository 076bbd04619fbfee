// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/parameters.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn::utils {

Tensor parameters_to_vector(absl::Span<const Tensor> parameters) {
  if (parameters.empty()) {
    raise_op_error("parameters_to_vector", absl::InvalidArgumentError("there is no parameter"));
  }
  std::vector<Tensor> rows;
  for (const Tensor& p : parameters) rows.push_back(reshape(p, {p.numel()}));
  return cat(rows);
}

void vector_to_parameters(const Tensor& vector, absl::Span<const Tensor> parameters) {
  int64_t total = 0;
  for (const Tensor& p : parameters) total += p.numel();
  if (vector.dim() != 1 || vector.numel() != total) {
    raise_op_error("vector_to_parameters", absl::InvalidArgumentError(absl::StrCat(
                                               "the vector has shape ", vector.shape().to_string(),
                                               ", expected [", total, "]")));
  }
  NoGradGuard no_grad;
  int64_t offset = 0;
  for (const Tensor& p : parameters) {
    Tensor target = p.detach();
    target.copy_(reshape(narrow(vector, 0, offset, p.numel()), p.shape()));
    offset += p.numel();
  }
}

}  // namespace tessera::nn::utils
