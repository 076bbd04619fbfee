// SPDX-License-Identifier: Apache-2.0
//
// Dropout as functions, as in torch.nn.functional. While `training`, parts of x are dropped at
// random; else x itself is returned. They draw from the default generator.
//   shape:  the result has x's
//   dtype:  floating point
//   errors: throw kInvalidArgument for p outside [0, 1] and for a rank that is not named
#ifndef TESSERA_NN_FUNCTIONAL_DROPOUT_H_
#define TESSERA_NN_FUNCTIONAL_DROPOUT_H_

#include "tessera/tensor/tensor.h"

namespace tessera::nn::functional {

// Each element is zero with probability p; the others are divided by 1 - p.
//   shape:  any
//   source: Srivastava et al., 2014
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);

// The same for whole channels of an example.
//   shape:  dropout1d: (N, C, L), (C, L); dropout2d: (N, C, H, W), (N, C, L); dropout3d: (N, C, D,
//           H, W), (C, D, H, W)
//   source: Tompson et al., 2015
Tensor dropout1d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout2d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout3d(const Tensor& x, double p = 0.5, bool training = true);

// For selu: elements become selu's lowest value, and the result is scaled and moved so that mean 0
// and variance 1 are kept. The second drops whole channels of (N, C, ...).
//   source: Klambauer et al., 2017
Tensor alpha_dropout(const Tensor& x, double p = 0.5, bool training = true);
Tensor feature_alpha_dropout(const Tensor& x, double p = 0.5, bool training = true);

}  // namespace tessera::nn::functional

#endif  // TESSERA_NN_FUNCTIONAL_DROPOUT_H_
