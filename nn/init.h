// SPDX-License-Identifier: Apache-2.0
//
// Initial values of parameters, as torch.nn.init. Each function fills its tensor in place, without
// telling the tape, and returns it.
//
//   nn::init::kaiming_normal_(layer.weight, {.mode = nn::init::kFanOut, .nonlinearity =
//   nn::init::kReLU}); nn::init::zeros_(layer.bias);
//
//   dtype:  floating point
//   errors: throw kInvalidArgument for a rank that a function cannot work with, with the shape
// Random ones draw from the default generator: the same seed gives the same values on every
// backend.
#ifndef TESSERA_NN_INIT_H_
#define TESSERA_NN_INIT_H_

#include <cstdint>
#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera::nn::init {

enum class Nonlinearity { kLinear, kSigmoid, kTanh, kReLU, kLeakyReLU, kSELU };
inline constexpr Nonlinearity kLinear = Nonlinearity::kLinear;
inline constexpr Nonlinearity kSigmoid = Nonlinearity::kSigmoid;
inline constexpr Nonlinearity kTanh = Nonlinearity::kTanh;
inline constexpr Nonlinearity kReLU = Nonlinearity::kReLU;
inline constexpr Nonlinearity kLeakyReLU = Nonlinearity::kLeakyReLU;
inline constexpr Nonlinearity kSELU = Nonlinearity::kSELU;

enum class FanMode { kFanIn, kFanOut };
inline constexpr FanMode kFanIn = FanMode::kFanIn;
inline constexpr FanMode kFanOut = FanMode::kFanOut;

// By what a weight's deviation is multiplied to keep the variance through the nonlinearity.
// `negative_slope` is read for kLeakyReLU.
double calculate_gain(Nonlinearity nonlinearity, double negative_slope = 0.01);

// Inputs and outputs that one output and one input of a layer depend on.
//   shape: (out, in, kernel...): fan_in = in * kernel elements, fan_out = out * kernel elements
struct Fans {
  int64_t in = 0, out = 0;
};
Fans calculate_fans(const Shape& weight);

Tensor uniform_(Tensor x, double low = 0, double high = 1);  // U[low, high)
Tensor normal_(Tensor x, double mean = 0, double std = 1);
Tensor constant_(Tensor x, double value);
Tensor zeros_(Tensor x);
Tensor ones_(Tensor x);

// N(mean, std^2) without what lies outside [a, b], which are values, not multiples of `std`.
//   errors: throws kInvalidArgument unless std > 0 and a <= b
//   source: inversion of the distribution function
Tensor trunc_normal_(Tensor x, double mean = 0, double std = 1, double a = -2, double b = 2);

// Ones on the diagonal of a matrix, else zeros.
//   shape: (n, m)
Tensor eye_(Tensor x);

// What makes a convolution pass its inputs on, as many channels as there are: output d of each
// group is input d.
//   shape:  (out, in, kernel...) of 1 to 3 kernel dimensions
//   errors: throws kInvalidArgument if `groups` does not divide `out`
Tensor dirac_(Tensor x, int64_t groups = 1);

// `gain` times a random matrix with orthonormal rows or columns, whichever are fewer.
//   shape:  (rows, columns...), the columns being one dimension
//   source: Saxe et al., 2014; Q of the decomposition of a normal matrix, R's diagonal positive
// Computed on the host in double.
Tensor orthogonal_(Tensor x, double gain = 1);

// N(0, std^2), with a part of each column set to zero: `sparsity` of its elements, rounded up.
//   shape:  (n, m)
//   errors: throws kInvalidArgument for sparsity outside [0, 1]
//   source: Martens, 2010
Tensor sparse_(Tensor x, double sparsity, double std = 0.01);

// U(-b, b), b = gain sqrt(6 / (fan_in + fan_out)); N(0, std^2), std = gain sqrt(2 / (fan_in +
// fan_out)).
//   source: Glorot and Bengio, 2010
Tensor xavier_uniform_(Tensor x, double gain = 1);
Tensor xavier_normal_(Tensor x, double gain = 1);

struct KaimingOptions {
  double a = 0;  // the negative slope, read for kLeakyReLU
  FanMode mode = kFanIn;
  Nonlinearity nonlinearity = kLeakyReLU;
};

// U(-b, b), b = gain sqrt(3 / fan); N(0, std^2), std = gain / sqrt(fan).
//   source: He et al., 2015
Tensor kaiming_uniform_(Tensor x, const KaimingOptions& options = {});
Tensor kaiming_normal_(Tensor x, const KaimingOptions& options = {});

// What Linear and the convolutions start from: kaiming_uniform_ with a = sqrt(5), which is
// U(-1 / sqrt(fan_in), 1 / sqrt(fan_in)), for the weight, and the same bounds for the bias (which
// may be undefined).
void reset_linear_(Tensor weight, Tensor bias);

}  // namespace tessera::nn::init

#endif  // TESSERA_NN_INIT_H_
