// SPDX-License-Identifier: Apache-2.0
//
// Linear: y = x W^T + b, as torch.nn.Linear. Identity: y = x.
#ifndef TESSERA_NN_LINEAR_H_
#define TESSERA_NN_LINEAR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

struct LinearOptions {
  bool bias = true;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

//   shape:  x (B.., in_features) -> (B.., out_features); weight (out_features, in_features),
//           bias (out_features)
//   dtype:  floating point
//   errors: throws kInvalidArgument for a negative size, and for an x of another last size or dtype
// Parameters start from U(-1 / sqrt(in_features), 1 / sqrt(in_features)).
class Linear : public Module {
 public:
  Linear(int64_t in_features, int64_t out_features, const LinearOptions& options = {});

  Tensor forward(const Tensor& x) override;
  void reset_parameters();  // draws new initial values
  std::string extra_repr() const override;

  int64_t in_features, out_features;
  Tensor weight;
  Tensor bias;  // undefined without options.bias

 protected:
  // Parameters wait for initialize(); in_features is 0.
  Linear(LazyTag, int64_t out_features, const LinearOptions& options);
  void initialize(int64_t in_features, const TensorOptions& options);

 private:
  bool has_bias_;
};

// Returns its input. The place of a layer that was taken out.
class Identity : public Module {
 public:
  Tensor forward(const Tensor& x) override { return x; }
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_LINEAR_H_
