// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/softmax.h"

#include <limits>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera {
namespace {

absl::Status infer_softmax(InferContext& c) {
  TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
  c.add_output(c.dtype(0), c.shape(0));
  return absl::OkStatus();
}

absl::Status infer_backward(InferContext& c) {
  TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
  if (c.shape(0) != c.shape(1)) {
    return c.invalid("gradient has shape ", c.shape(0).to_string(), ", output ",
                     c.shape(1).to_string());
  }
  return infer_softmax(c);
}

std::vector<Sample> forward_samples(const OpDef&) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Sample extremes = sample(
      "Extremes", {arg_values({4, 3}, {100, -100, 0, 1e4, 1e4, -1e4, -inf, 0, 1, nan, 0, 1})}, {1});
  extremes.differentiable = false;
  return {sample("Last", {arg({3, 17})}, {1}),
          sample("LastLong", {arg({2, 131})}, {1}),
          sample("First", {arg({5, 7})}, {0}),
          sample("Middle", {arg({2, 5, 3})}, {1}),
          sample("One", {arg({3, 1})}, {1}),
          sample("Empty", {arg({0, 5})}, {1}),
          extremes};
}

std::vector<Sample> backward_samples(const OpDef&) {
  return {sample("Last", {arg({3, 17}), arg({3, 17}, 0.1, 0.9)}, {1}),
          sample("Middle", {arg({2, 5, 3}), arg({2, 5, 3}, 0.1, 0.9)}, {1}),
          error_sample("ShapesDiffer", {arg({2, 5}), arg({2, 4})}, {1})};
}

Tensor softmax_backward(const Tensor& g, const Tensor& y, int64_t dim);
Tensor log_softmax_backward(const Tensor& g, const Tensor& y, int64_t dim);

// x minus its maximum along dim, with infinite maxima left in.
Tensor below_maximum(const Tensor& x, int64_t dim) { return x - amax(x, {dim}, true); }

bool is_empty(const Tensor& x) { return x.numel() == 0; }

const OpDef kSoftmax = {
    .name = "softmax",
    .infer = infer_softmax,
    .vjp =
        [](VjpContext& c) {
          c.set(0, softmax_backward(c.grad(), c.output(0), c.int_attribute(0)));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          if (is_empty(*in[0])) return std::vector<Tensor>{in[0]->clone()};
          Tensor e = exp(below_maximum(*in[0], a.ints[0]));
          return std::vector<Tensor>{e / sum(e, {a.ints[0]}, true)};
        },
    .saved_outputs = 1,
    .samples = forward_samples,
};

const OpDef kLogSoftmax = {
    .name = "log_softmax",
    .infer = infer_softmax,
    .vjp =
        [](VjpContext& c) {
          c.set(0, log_softmax_backward(c.grad(), c.output(0), c.int_attribute(0)));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          if (is_empty(*in[0])) return std::vector<Tensor>{in[0]->clone()};
          Tensor low = below_maximum(*in[0], a.ints[0]);
          return std::vector<Tensor>{low - log(sum(exp(low), {a.ints[0]}, true))};
        },
    .saved_outputs = 1,
    .samples = forward_samples,
};

// (g - sum(g y)) y
const OpDef kSoftmaxBackward = {
    .name = "softmax_backward",
    .infer = infer_backward,
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &y = c.input(1);
          const int64_t dim = c.int_attribute(0);
          Tensor h = c.grad();
          if (c.needs(0)) c.set(0, softmax_backward(h, y, dim));
          if (c.needs(1)) c.set(1, h * (g - sum(g * y, {dim}, true)) - g * sum(h * y, {dim}, true));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &g = *in[0], &y = *in[1];
          return std::vector<Tensor>{(g - sum(g * y, {a.ints[0]}, true)) * y};
        },
    .saved_inputs = 3,
    .samples = backward_samples,
};

// g - sum(g) exp(y)
const OpDef kLogSoftmaxBackward = {
    .name = "log_softmax_backward",
    .infer = infer_backward,
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &y = c.input(1);
          const int64_t dim = c.int_attribute(0);
          Tensor h = c.grad(), p = exp(y);
          if (c.needs(0)) c.set(0, h - sum(h * p, {dim}, true));
          if (c.needs(1)) c.set(1, -(h * p) * sum(g, {dim}, true));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &g = *in[0], &y = *in[1];
          return std::vector<Tensor>{g - sum(g, {a.ints[0]}, true) * exp(y)};
        },
    .saved_inputs = 3,
    .samples = backward_samples,
};

Tensor softmax_backward(const Tensor& g, const Tensor& y, int64_t dim) {
  return dispatch(kSoftmaxBackward, {&g, &y}, {dim});
}
Tensor log_softmax_backward(const Tensor& g, const Tensor& y, int64_t dim) {
  return dispatch(kLogSoftmaxBackward, {&g, &y}, {dim});
}

Tensor along(const OpDef& op, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  const Tensor x = dtype ? input.to(*dtype) : input;
  absl::StatusOr<int> d = normalize_dim(dim, x.shape().rank());
  if (!d.ok()) raise_op_error(op.name, d.status());
  if (x.dim() == 0) {
    Tensor row = x.reshape({1});
    return dispatch(op, {&row}, {0}).reshape({});
  }
  return dispatch(op, {&x}, {*d});
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return along(kSoftmax, x, dim, dtype);
}
Tensor log_softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return along(kLogSoftmax, x, dim, dtype);
}
Tensor Tensor::softmax(int64_t dim, std::optional<DType> dtype) const {
  return tessera::softmax(*this, dim, dtype);
}
Tensor Tensor::log_softmax(int64_t dim, std::optional<DType> dtype) const {
  return tessera::log_softmax(*this, dim, dtype);
}

absl::Span<const OpDef* const> softmax_ops() {
  static const OpDef* const kOps[] = {&kSoftmax, &kLogSoftmax, &kSoftmaxBackward,
                                      &kLogSoftmaxBackward};
  return kOps;
}

}  // namespace tessera
