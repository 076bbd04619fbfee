// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/estimators/check_data.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn::internal {

void refuse_data(const char* name, const std::string& what) {
  raise_op_error(name, absl::InvalidArgumentError(what));
}

void check_training_data(const char* name, const Tensor& x, const Tensor& y) {
  const bool good_dtype = x.dtype() == kFloat32 || x.dtype() == kFloat64;
  if (!good_dtype || x.dim() != 2 || x.numel() == 0 || y.dim() < 1 || y.size(0) != x.size(0)) {
    refuse_data(name, absl::StrCat("fit: x is ", dtype_name(x.dtype()), " ", x.shape().to_string(),
                                   ", y ", dtype_name(y.dtype()), " ", y.shape().to_string(),
                                   "; expected float32 or float64 (n, features), and n rows"));
  }
  if (!(x.device() == y.device())) {
    refuse_data(name,
                absl::StrCat("fit: x is on ", x.device().name(), ", y on ", y.device().name()));
  }
}

void check_data(const char* name, const Tensor& x, const Tensor& coef) {
  if (!coef.defined()) {
    raise_op_error(name, absl::FailedPreconditionError("fit() was not called"));
  }
  if (x.dim() != 2 || x.size(1) != coef.size(-1) || x.dtype() != coef.dtype()) {
    refuse_data(name, absl::StrCat("x is ", dtype_name(x.dtype()), " ", x.shape().to_string(),
                                   ", the model was fitted to ", dtype_name(coef.dtype()), " of ",
                                   coef.size(-1), " features"));
  }
}

}  // namespace tessera::nn::internal
