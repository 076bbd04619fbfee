// SPDX-License-Identifier: Apache-2.0
//
// Activations as layers, as torch.nn's.
//   shape:  any; the result has x's, unless said
//   dtype:  floating point
// The functions themselves, with their definitions, sources and errors, are in
// nn/functional_activation.h; a layer keeps the parameters and calls its function.
#ifndef TESSERA_NN_ACTIVATION_H_
#define TESSERA_NN_ACTIVATION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/functional_activation.h"
#include "tessera/nn/module.h"

namespace tessera::nn {

// ---- Without parameters ----

struct ReLU : Module {
  Tensor forward(const Tensor& x) override;
  Tensor forward_over(Tensor x) override;
};
struct ReLU6 : Module {
  Tensor forward(const Tensor& x) override;
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
struct Mish : Module {
  Tensor forward(const Tensor& x) override;
};
struct SELU : Module {
  Tensor forward(const Tensor& x) override;
};
struct Hardsigmoid : Module {
  Tensor forward(const Tensor& x) override;
};
struct Hardswish : Module {
  Tensor forward(const Tensor& x) override;
};
struct LogSigmoid : Module {
  Tensor forward(const Tensor& x) override;
};
struct Softsign : Module {
  Tensor forward(const Tensor& x) override;
};
struct Tanhshrink : Module {
  Tensor forward(const Tensor& x) override;
};

// ---- With numbers ----

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

class LeakyReLU : public Module {
 public:
  explicit LeakyReLU(double negative_slope = 0.01) : negative_slope_(negative_slope) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double negative_slope_;
};

class ELU : public Module {
 public:
  explicit ELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double alpha_;
};

class CELU : public Module {
 public:
  explicit CELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double alpha_;
};

// errors: throws kInvalidArgument unless min_val < max_val
class Hardtanh : public Module {
 public:
  explicit Hardtanh(double min_val = -1, double max_val = 1);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double min_val_, max_val_;
};

class Threshold : public Module {
 public:
  Threshold(double threshold, double value) : threshold_(threshold), value_(value) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double threshold_, value_;
};

// errors: forward throws kInvalidArgument unless 0 <= lower <= upper
class RReLU : public Module {
 public:
  explicit RReLU(double lower = 1.0 / 8, double upper = 1.0 / 3) : lower_(lower), upper_(upper) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double lower_, upper_;
};

class Hardshrink : public Module {
 public:
  explicit Hardshrink(double lambd = 0.5) : lambd_(lambd) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double lambd_;
};

class Softshrink : public Module {
 public:
  explicit Softshrink(double lambd = 0.5) : lambd_(lambd) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double lambd_;
};

class Softplus : public Module {
 public:
  explicit Softplus(double beta = 1, double threshold = 20) : beta_(beta), threshold_(threshold) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double beta_, threshold_;
};

// ---- Along a dimension ----

// errors: forward throws kOutOfRange for a dimension that x lacks; so do the next three
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

class Softmin : public Module {
 public:
  explicit Softmin(int64_t dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

// Softmax over the channels of images.
//   shape:  x (N, C, H, W) or (C, H, W)
//   errors: forward throws kInvalidArgument for another rank
class Softmax2d : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

// shape: (.., 2 n, ..) -> (.., n, ..)
class GLU : public Module {
 public:
  explicit GLU(int64_t dim = -1) : dim_(dim) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

// ---- With a parameter that is learned ----

struct PReLUOptions {
  double init = 0.25;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

//   shape:  x (N, C, ...); weight (num_parameters), num_parameters 1 or C
//   errors: throws kInvalidArgument for num_parameters < 1; forward, if it is neither 1 nor C
class PReLU : public Module {
 public:
  explicit PReLU(int64_t num_parameters = 1, const PReLUOptions& options = {});
  Tensor forward(const Tensor& x) override;
  void reset_parameters();  // fills weight with options.init
  std::string extra_repr() const override;

  Tensor weight;

 private:
  double init_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_ACTIVATION_H_
