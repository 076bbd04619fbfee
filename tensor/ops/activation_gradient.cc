// SPDX-License-Identifier: Apache-2.0
//
// Gradients of activations as single nodes.
#include <cmath>
#include <utility>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/binary_op.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera {
namespace {

// For ops whose first input is a gradient: what that is multiplied with may be 0 in float32 and
// tiny in float64, so it is finite.
std::vector<Sample> gradients(const OpDef&) {
  std::vector<Sample> samples = binary_samples();
  for (Sample& s : samples) {
    for (double& g : s.inputs[0].values) g = std::isfinite(g) ? g : 2;
  }
  return samples;
}

// g where y > 0: the gradient of relu from its output
const OpDef kReluBackward = binary_op(
    "relu_backward", 2,
    [](VjpContext& c) {
      if (c.needs(0)) c.set(0, relu_backward(c.grad(), c.input(1)));
      if (c.needs(1)) c.set(1, zeros_like(c.grad()));
    },
    number_pairs);
// g * y * (1 - y)
const OpDef kSigmoidBackward = binary_op(
    "sigmoid_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &y = c.input(1);
      if (c.needs(0)) c.set(0, sigmoid_backward(c.grad(), y));
      if (c.needs(1)) c.set(1, c.grad() * g * (1 - y * 2));
    },
    gradients, infer_elementwise_floating);
// g * (1 - y^2)
const OpDef kTanhBackward = binary_op(
    "tanh_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &y = c.input(1);
      if (c.needs(0)) c.set(0, tanh_backward(c.grad(), y));
      if (c.needs(1)) c.set(1, c.grad() * g * y * -2);
    },
    gradients, infer_elementwise_floating);
// g * s * (1 + x * (1 - s)), s = sigmoid(x)
const OpDef kSiluBackward = binary_op(
    "silu_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &x = c.input(1);
      if (c.needs(0)) c.set(0, silu_backward(c.grad(), x));
      if (c.needs(1)) {
        Tensor s = sigmoid(x), ds = s * (1 - s);
        c.set(1, c.grad() * g * ds * (2 + x * (1 - s * 2)));
      }
    },
    gradients, infer_elementwise_floating);
// g * (Phi(x) + x * phi(x))
const OpDef kGeluBackward = binary_op(
    "gelu_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &x = c.input(1);
      if (c.needs(0)) c.set(0, gelu_backward(c.grad(), x));
      if (c.needs(1)) {
        constexpr double kInvSqrt2Pi = 0.3989422804014327;
        Tensor density = exp(square(x) * -0.5) * kInvSqrt2Pi;
        c.set(1, c.grad() * g * density * (2 - square(x)));
      }
    },
    gradients, infer_elementwise_floating);
const OpDef kGeluTanhBackward = binary_op(
    "gelu_tanh_backward", kBoth,
    [](VjpContext& c) {
      const Tensor &g = c.input(0), &x = c.input(1);
      if (c.needs(0)) c.set(0, gelu_tanh_backward(c.grad(), x));
      if (c.needs(1)) {
        // y = x (1 + t) / 2, t = tanh(u), u = k (x + a x^3): y'' = t' + x t'' / 2
        constexpr double kK = 0.7978845608028654, kA = 0.044715;
        Tensor x2 = square(x);
        Tensor t = tanh((x + x * x2 * kA) * kK);
        Tensor du = (x2 * (3 * kA) + 1) * kK, d2u = x * (6 * kA * kK);
        Tensor sech2 = 1 - square(t);
        Tensor dt = sech2 * du;
        Tensor d2t = sech2 * d2u - t * sech2 * square(du) * 2;
        c.set(1, c.grad() * g * (dt + x * d2t * 0.5));
      }
    },
    gradients, infer_elementwise_floating);

}  // namespace

Tensor relu_backward(Tensor g, const Tensor& y) {
  return dispatch_over(kReluBackward, std::move(g), {&y});
}
Tensor sigmoid_backward(Tensor g, const Tensor& y) {
  return dispatch_over(kSigmoidBackward, std::move(g), {&y});
}
Tensor tanh_backward(Tensor g, const Tensor& y) {
  return dispatch_over(kTanhBackward, std::move(g), {&y});
}
Tensor silu_backward(Tensor g, const Tensor& x) {
  return dispatch_over(kSiluBackward, std::move(g), {&x});
}
Tensor gelu_backward(Tensor g, const Tensor& x) {
  return dispatch_over(kGeluBackward, std::move(g), {&x});
}
Tensor gelu_tanh_backward(Tensor g, const Tensor& x) {
  return dispatch_over(kGeluTanhBackward, std::move(g), {&x});
}

absl::Span<const OpDef* const> activation_gradient_ops() {
  static const OpDef* const kOps[] = {&kReluBackward, &kSigmoidBackward, &kTanhBackward,
                                      &kSiluBackward, &kGeluBackward,    &kGeluTanhBackward};
  return kOps;
}

}  // namespace tessera
