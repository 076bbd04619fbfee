// SPDX-License-Identifier: Apache-2.0
//
// Dropout, as torch.nn.Dropout.
#ifndef TESSERA_NN_DROPOUT_H_
#define TESSERA_NN_DROPOUT_H_

#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

// While training, sets each element to zero with probability `p` and divides the others by 1 - p;
// otherwise returns its input.
//   shape:  any
//   dtype:  floating point
//   errors: throws kInvalidArgument for p outside [0, 1]
//   source: Srivastava et al., 2014
class Dropout : public Module {
 public:
  explicit Dropout(double p = 0.5);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double p_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_DROPOUT_H_
