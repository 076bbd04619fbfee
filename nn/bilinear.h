// SPDX-License-Identifier: Apache-2.0
//
// Bilinear: y_o = x1^T W_o x2 + b_o, as torch.nn.Bilinear.
#ifndef TESSERA_NN_BILINEAR_H_
#define TESSERA_NN_BILINEAR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

struct BilinearOptions {
  bool bias = true;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

//   shape:  x1 (B.., in1_features), x2 (B.., in2_features) -> (B.., out_features);
//           weight (out_features, in1_features, in2_features), bias (out_features)
//   dtype:  floating point
//   errors: throws kInvalidArgument for in1_features < 1 or another size below 0; forward, for
//           shapes that do not fit
// Parameters start from U(-1 / sqrt(in1_features), 1 / sqrt(in1_features)).
class Bilinear : public ModuleOf<Tensor(const Tensor& x1, const Tensor& x2)> {
 public:
  Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features,
           const BilinearOptions& options = {});

  Tensor forward(const Tensor& x1, const Tensor& x2) override;
  void reset_parameters();  // draws new initial values
  std::string extra_repr() const override;

  int64_t in1_features, in2_features, out_features;
  Tensor weight;
  Tensor bias;  // undefined without options.bias
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_BILINEAR_H_
