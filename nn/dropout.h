// SPDX-License-Identifier: Apache-2.0
//
// Dropout layers, as torch.nn's. While training they drop parts of their input at random;
// otherwise they return it. What each drops, with shapes and sources, is at the functions in
// nn/functional_dropout.h.
//   dtype:  floating point
//   errors: constructors throw kInvalidArgument for p outside [0, 1]
#ifndef TESSERA_NN_DROPOUT_H_
#define TESSERA_NN_DROPOUT_H_

#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

class Dropout : public Module {
 public:
  explicit Dropout(double p = 0.5);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 protected:
  double p_;
};

struct Dropout1d : Dropout {
  using Dropout::Dropout;
  Tensor forward(const Tensor& x) override;
};
struct Dropout2d : Dropout {
  using Dropout::Dropout;
  Tensor forward(const Tensor& x) override;
};
struct Dropout3d : Dropout {
  using Dropout::Dropout;
  Tensor forward(const Tensor& x) override;
};
struct AlphaDropout : Dropout {
  using Dropout::Dropout;
  Tensor forward(const Tensor& x) override;
};
struct FeatureAlphaDropout : Dropout {
  using Dropout::Dropout;
  Tensor forward(const Tensor& x) override;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_DROPOUT_H_
