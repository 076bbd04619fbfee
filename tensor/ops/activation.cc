// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/activation.h"

#include <cmath>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

std::vector<Sample> with_errors(std::vector<Sample> samples, size_t arity) {
  samples.push_back(
      error_sample("Integers", std::vector<SampleTensor>(arity, arg({3}, 0, 5, kInt64))));
  if (arity == 2) samples.push_back(error_sample("ShapesDiffer", {arg({3}), arg({4})}));
  return samples;
}

std::vector<Sample> activations(const OpDef&) { return with_errors(unary_samples(-2.9, 2.9), 1); }
std::vector<Sample> with_parameter(const OpDef&) { return with_errors(binary_samples(), 2); }

// For gradients: where what g is multiplied with may be 0 in one dtype and tiny in another, g is
// finite.
std::vector<Sample> gradients(const OpDef&) {
  std::vector<Sample> samples = elementwise_samples(2, -3, 3, -2.9, 2.9);
  for (Sample& s : samples) {
    for (double& g : s.inputs[0].values) g = std::isfinite(g) ? g : 2;
  }
  return with_errors(std::move(samples), 2);
}

// A gradient, an input, a parameter.
std::vector<Sample> gradients_with_parameter(const OpDef&) {
  std::vector<Sample> samples = elementwise_samples(2, -3, 3, -3, 3);
  for (Sample& s : samples) {
    for (double& g : s.inputs[0].values) g = std::isfinite(g) ? g : 2;
    s.inputs.push_back(arg(s.inputs[0].shape, 0.1, 2));
  }
  return with_errors(std::move(samples), 3);
}

// What a decomposition computes, in float32 for the half dtypes, which are rounded once.
template <class F>
std::vector<Tensor> composed(TensorRefs in, F f) {
  const DType dtype = in[0]->dtype();
  const DType wide = itemsize(dtype) < 4 ? kFloat32 : dtype;
  std::vector<Tensor> x;
  for (const Tensor* t : in) x.push_back(to(*t, wide));
  return {to(f(x), dtype)};
}

// a where a > 0, else a * b.
const OpDef kPrelu = {
    .name = "prelu",
    .infer = infer_elementwise_floating,
    .vjp =
        [](VjpContext& c) {
          const Tensor& x = c.input(0);
          if (c.needs(0)) c.set(0, prelu_backward(c.grad(), x, c.input(1)));
          if (c.needs(1)) c.set(1, where(x > 0, 0, c.grad() * x));
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(
              in, [](const std::vector<Tensor>& v) { return where(v[0] > 0, v[0], v[0] * v[1]); });
        },
    .saved_inputs = 3,
    .traits = kElementwise,
    .samples = with_parameter,
};

// a where a > 0, else b * (exp(a) - 1).
const OpDef kElu = {
    .name = "elu",
    .infer = infer_elementwise_floating,
    .vjp =
        [](VjpContext& c) {
          const Tensor& x = c.input(0);
          if (c.needs(0)) c.set(0, elu_backward(c.grad(), x, c.input(1)));
          if (c.needs(1)) c.set(1, where(x <= 0, c.grad() * expm1(minimum(x, 0)), 0));
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(in, [](const std::vector<Tensor>& v) {
            return where(v[0] <= 0, expm1(v[0]) * v[1], v[0]);
          });
        },
    .saved_inputs = 3,
    .traits = kElementwise,
    .samples = with_parameter,
};

const OpDef kMish = {
    .name = "mish",
    .infer = infer_elementwise_floating,
    .vjp = [](VjpContext& c) { c.set(0, mish_backward(c.grad(), c.input(0))); },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(in,
                          [](const std::vector<Tensor>& v) { return v[0] * tanh(softplus(v[0])); });
        },
    .saved_inputs = 1,
    .traits = kElementwise,
    .samples = activations,
};

const OpDef kHardswish = {
    .name = "hardswish",
    .infer = infer_elementwise_floating,
    .vjp = [](VjpContext& c) { c.set(0, hardswish_backward(c.grad(), c.input(0))); },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(
              in, [](const std::vector<Tensor>& v) { return v[0] * (clamp(v[0] + 3, 0, 6) / 6); });
        },
    .saved_inputs = 1,
    .traits = kElementwise,
    .samples = activations,
};

// g where x > 0, else g * slope
const OpDef kPreluBackward = {
    .name = "prelu_backward",
    .infer = infer_elementwise_floating,
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &x = c.input(1);
          if (c.needs(0)) c.set(0, prelu_backward(c.grad(), x, c.input(2)));
          if (c.needs(1)) c.set(1, zeros_like(c.grad()));
          if (c.needs(2)) c.set(2, where(x > 0, 0, c.grad() * g));
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(
              in, [](const std::vector<Tensor>& v) { return where(v[1] > 0, v[0], v[0] * v[2]); });
        },
    .saved_inputs = 7,
    .traits = kElementwise,
    .samples = gradients_with_parameter,
};

// g where x > 0, else g * alpha * exp(x)
const OpDef kEluBackward = {
    .name = "elu_backward",
    .infer = infer_elementwise_floating,
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &x = c.input(1), &alpha = c.input(2);
          if (c.needs(0)) c.set(0, elu_backward(c.grad(), x, alpha));
          if (!c.needs(1) && !c.needs(2)) return;
          // The exponential of a large x must not overflow: infinity times zero is nan.
          const Tensor slope = where(x <= 0, c.grad() * g * exp(minimum(x, 0)), 0);
          if (c.needs(1)) c.set(1, slope * alpha);
          if (c.needs(2)) c.set(2, slope);
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(in, [](const std::vector<Tensor>& v) {
            return where(v[1] <= 0, v[0] * (exp(v[1]) * v[2]), v[0]);
          });
        },
    .saved_inputs = 7,
    .traits = kElementwise,
    .samples = gradients_with_parameter,
};

// g (t + x (1 - t^2) s), t = tanh(softplus(x)), s = sigmoid(x)
const OpDef kMishBackward = {
    .name = "mish_backward",
    .infer = infer_elementwise_floating,
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &x = c.input(1);
          if (c.needs(0)) c.set(0, mish_backward(c.grad(), x));
          if (c.needs(1)) {
            // y'' = 2 t' + x t'', t' = (1 - t^2) s, t'' = (1 - t^2) s (1 - s) - 2 t t' s
            const Tensor t = tanh(softplus(x)), s = sigmoid(x);
            const Tensor dt = (1 - square(t)) * s;
            const Tensor d2t = dt * (1 - s - t * s * 2);
            c.set(1, c.grad() * g * (dt * 2 + x * d2t));
          }
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(in, [](const std::vector<Tensor>& v) {
            const Tensor t = tanh(softplus(v[1])), s = sigmoid(v[1]);
            return v[0] * (t + v[1] * (1 - square(t)) * s);
          });
        },
    .saved_inputs = 3,
    .traits = kElementwise,
    .samples = gradients,
};

// 0 up to -3, g from 3 on, g (x / 3 + 1 / 2) between
const OpDef kHardswishBackward = {
    .name = "hardswish_backward",
    .infer = infer_elementwise_floating,
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &x = c.input(1);
          if (c.needs(0)) c.set(0, hardswish_backward(c.grad(), x));
          if (c.needs(1)) {
            c.set(1, where((x > -3) & (x < 3), c.grad() * g * (1.0 / 3), 0));
          }
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          return composed(in, [](const std::vector<Tensor>& v) {
            const Tensor &g = v[0], &x = v[1];
            return where(x <= -3, 0, where(x < 3, g * (x / 3 + 0.5), g));
          });
        },
    .saved_inputs = 3,
    .traits = kElementwise,
    .samples = gradients,
};

Tensor apply(const OpDef& op, const Tensor& x, const Tensor& parameter) {
  const Tensor p = parameter.impl().is_immediate    ? cast_immediate(parameter, x.dtype())
                   : parameter.shape() == x.shape() ? parameter
                                                    : parameter.expand(x.shape());
  return dispatch(op, {&x, &p});
}

}  // namespace

Tensor leaky_relu(const Tensor& x, const Tensor& slope) { return apply(kPrelu, x, slope); }
Tensor elu(const Tensor& x, const Tensor& alpha) { return apply(kElu, x, alpha); }
Tensor mish(const Tensor& x) { return dispatch(kMish, {&x}); }
Tensor hardswish(const Tensor& x) { return dispatch(kHardswish, {&x}); }
Tensor mish_backward(const Tensor& g, const Tensor& x) { return dispatch(kMishBackward, {&g, &x}); }
Tensor hardswish_backward(const Tensor& g, const Tensor& x) {
  return dispatch(kHardswishBackward, {&g, &x});
}
Tensor prelu_backward(const Tensor& g, const Tensor& x, const Tensor& slope) {
  return dispatch(kPreluBackward, {&g, &x, &slope});
}
Tensor elu_backward(const Tensor& g, const Tensor& x, const Tensor& alpha) {
  return dispatch(kEluBackward, {&g, &x, &alpha});
}

absl::Span<const OpDef* const> activation_ops() {
  static const OpDef* const kOps[] = {&kPrelu,         &kElu,          &kMish,
                                      &kHardswish,     &kMishBackward, &kHardswishBackward,
                                      &kPreluBackward, &kEluBackward};
  return kOps;
}

}  // namespace tessera
