// SPDX-License-Identifier: Apache-2.0
//
// Activations as layers, as torch.nn's.
//   shape:  any; the result has x's
//   dtype:  floating point
// The functions themselves, with their sources, are in tensor/ops/unary.h.
#ifndef TESSERA_NN_ACTIVATION_H_
#define TESSERA_NN_ACTIVATION_H_

#include <cstdint>
#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

struct ReLU : Module {
  Tensor forward(const Tensor& x) override;
  Tensor forward_over(Tensor x) override;
};
struct Sigmoid : Module {
  Tensor forward(const Tensor& x) override;
  Tensor forward_over(Tensor x) override;
};
struct Tanh : Module {
  Tensor forward(const Tensor& x) override;
  Tensor forward_over(Tensor x) override;
};
struct SiLU : Module {
  Tensor forward(const Tensor& x) override;
};
struct Softplus : Module {  // beta 1
  Tensor forward(const Tensor& x) override;
};
struct LogSigmoid : Module {
  Tensor forward(const Tensor& x) override;
};

enum class GELUApproximation { kNone, kTanh };

struct GELUOptions {
  GELUApproximation approximate = GELUApproximation::kNone;
};

class GELU : public Module {
 public:
  explicit GELU(const GELUOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  GELUOptions options_;
};

// x where x > 0, else negative_slope * x.
class LeakyReLU : public Module {
 public:
  explicit LeakyReLU(double negative_slope = 0.01) : negative_slope_(negative_slope) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double negative_slope_;
};

// errors: forward throws kOutOfRange for a dimension that x lacks
class Softmax : public Module {
 public:
  explicit Softmax(int64_t dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

class LogSoftmax : public Module {
 public:
  explicit LogSoftmax(int64_t dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_ACTIVATION_H_
