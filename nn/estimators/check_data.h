// SPDX-License-Identifier: Apache-2.0
//
// What estimators refuse alike. For nn/estimators.
#ifndef TESSERA_NN_ESTIMATORS_CHECK_DATA_H_
#define TESSERA_NN_ESTIMATORS_CHECK_DATA_H_

#include <string>

#include "tessera/tensor/tensor.h"

namespace tessera::nn::internal {

// Throws kInvalidArgument "<name>: <what>".
[[noreturn]] void refuse_data(const char* name, const std::string& what);

// Throws kInvalidArgument unless x is (n, features), float32 or float64, n >= 1 and features >= 1,
// and y has n rows and is on x's device.
void check_training_data(const char* name, const Tensor& x, const Tensor& y);

// Throws kFailedPrecondition if coef (outputs, features) or (features) is undefined, which fit()
// makes, and kInvalidArgument unless x is (n, features) of coef's dtype and device.
void check_data(const char* name, const Tensor& x, const Tensor& coef);

}  // namespace tessera::nn::internal

#endif  // TESSERA_NN_ESTIMATORS_CHECK_DATA_H_
