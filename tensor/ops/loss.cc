// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/loss.h"

#include <algorithm>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

constexpr int64_t kMean = static_cast<int64_t>(Reduction::kMean);
constexpr int64_t kSum = static_cast<int64_t>(Reduction::kSum);

absl::Status check_classes(const InferContext& c, int x, int target) {
  TESSERA_RETURN_IF_ERROR(check_floating_point(c, x));
  TESSERA_RETURN_IF_ERROR(check_rank(c, x, 2, "input"));
  TESSERA_RETURN_IF_ERROR(check_dtype(c, target, kInt64, "target"));
  if (c.shape(target) != Shape{c.shape(x)[0]}) {
    return c.invalid("input has shape ", c.shape(x).to_string(), ", target ",
                     c.shape(target).to_string(), "; expected target [", c.shape(x)[0], "]");
  }
  return absl::OkStatus();
}

// What the gradient of each row is multiplied by: g / count, g, or 0 where ignored. (N, 1)
Tensor row_scale(const Tensor& g, const Tensor& valid, int64_t reduction, DType dtype) {
  Tensor flags = valid.to(dtype);
  Tensor scale = flags * g;
  if (reduction == kMean) scale = scale / sum(flags);
  return unsqueeze(where(valid, scale, 0), 1);
}

Tensor cross_entropy_backward(const Tensor& g, const Tensor& x, const Tensor& target,
                              const Tensor& lse, const Attributes& attributes);

// x (N, C), target (N) -> loss (), lse (N); ints: reduction, ignore_index
const OpDef kCrossEntropy = {
    .name = "cross_entropy",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_classes(c, 0, 1));
          c.add_output(c.dtype(0), {});
          c.add_output(c.dtype(0), {c.shape(0)[0]});
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          c.set(0, cross_entropy_backward(c.grad(0), c.input(0), c.input(1), c.output(1),
                                          c.attributes()));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &x = *in[0], &target = *in[1];
          Tensor lse = logsumexp(x, {1});
          Tensor valid = target != a.ints[1];
          Tensor chosen = gather(x, 1, unsqueeze(where(valid, target, 0), 1)).squeeze(1);
          Tensor total = sum(where(valid, lse - chosen, 0));
          if (a.ints[0] == kMean) total = total / sum(valid.to(x.dtype()));
          return std::vector<Tensor>{total, lse};
        },
    .saved_inputs = 3,
    .saved_outputs = 2,
    .auxiliary_outputs = 2,
    .samples =
        [](const OpDef&) {
          std::vector<Sample> samples = {
              sample("Mean", {arg({7, 10}), arg_index({7}, 10)}, {kMean, -100}),
              sample("Sum", {arg({5, 17}), arg_index({5}, 17)}, {kSum, -100}),
              sample("Ignored", {arg({5, 3}), arg_values({5}, {0, -100, 2, -100, 1}, kInt64)},
                     {kMean, -100}),
              sample("OneClass", {arg({3, 1}), arg_index({3}, 1)}, {kMean, -100}),
              sample("ManyClasses", {arg({3, 1031}), arg_index({3}, 1031)}, {kMean, -100}),
              error_sample("TargetBeyond", {arg({2, 3}), arg_values({2}, {0, 3}, kInt64)},
                           {kMean, -100}, absl::StatusCode::kOutOfRange),
              error_sample("TargetNegative", {arg({2, 3}), arg_values({2}, {0, -1}, kInt64)},
                           {kMean, -100}, absl::StatusCode::kOutOfRange),
              error_sample("Sizes", {arg({2, 3}), arg_index({3}, 3)}, {kMean, -100}),
              error_sample("TargetFloat", {arg({2, 3}), arg({2})}, {kMean, -100}),
          };
          Sample large = sample(
              "LargeLogits",
              {arg_values({2, 3}, {1e4, 0, -1e4, 100, 100, -100}), arg_values({2}, {2, 0}, kInt64)},
              {kMean, -100});
          large.differentiable = false;
          samples.push_back(large);
          return samples;
        },
};

// g (), x (N, C), target (N), lse (N) -> (softmax(x) - one_hot(target)) g / count. lse is the
// logsumexp of x; gradients flow as if it were computed here.
const OpDef kCrossEntropyBackward = {
    .name = "cross_entropy_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_classes(c, 1, 2));
          c.add_output(c.dtype(1), c.shape(1));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &x = c.input(1), &target = c.input(2), &lse = c.input(3);
          Tensor h = c.grad();
          if (c.needs(0)) {
            Tensor unit = ones_like(g);
            c.set(0, sum(h * cross_entropy_backward(unit, x, target, lse, c.attributes())));
          }
          if (c.needs(1)) {
            Tensor p = exp(x - unsqueeze(lse, 1));
            Tensor scale =
                row_scale(g, target != c.int_attribute(1), c.int_attribute(0), x.dtype());
            c.set(1, p * (h - sum(h * p, {1}, true)) * scale);
          }
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &g = *in[0], &x = *in[1], &target = *in[2], &lse = *in[3];
          Tensor valid = target != a.ints[1];
          Tensor p = exp(x - unsqueeze(lse, 1));
          Tensor at = unsqueeze(where(valid, target, 0), 1);
          Tensor minus = full({x.size(0), 1}, -1, {.dtype = x.dtype(), .device = x.device()});
          Tensor scale = row_scale(g, valid, a.ints[0], x.dtype());
          return std::vector<Tensor>{scatter_add(p, 1, at, minus) * scale};
        },
    .saved_inputs = kSaveAll,
    .samples =
        [](const OpDef&) {
          std::vector<Sample> samples = {
              sample("Mean", {arg({}), arg({7, 10}), arg_index({7}, 10), arg({7}, 3, 4)},
                     {kMean, -100}),
              sample("SumIgnored",
                     {arg({}), arg({3, 5}), arg_values({3}, {4, -100, 0}, kInt64), arg({3}, 3, 4)},
                     {kSum, -100})};
          for (Sample& s : samples) s.differentiable = false;  // lse is no free input
          return samples;
        },
};

Tensor cross_entropy_backward(const Tensor& g, const Tensor& x, const Tensor& target,
                              const Tensor& lse, const Attributes& attributes) {
  return dispatch(kCrossEntropyBackward, {&g, &x, &target, &lse}, attributes);
}

absl::Status check_logits(const InferContext& c, int x, int y) {
  TESSERA_RETURN_IF_ERROR(check_floating_point(c, x));
  TESSERA_RETURN_IF_ERROR(check_same_dtype(c, x, y));
  if (c.shape(x) != c.shape(y)) {
    return c.invalid("input has shape ", c.shape(x).to_string(), ", target ",
                     c.shape(y).to_string());
  }
  return absl::OkStatus();
}

Tensor scaled(const Tensor& g, int64_t reduction, int64_t n) {
  return reduction == kMean ? g / static_cast<double>(n) : g;
}

Tensor bce_with_logits_backward(const Tensor& g, const Tensor& x, const Tensor& y,
                                const Attributes& attributes);

// x (S), y (S) -> (); ints: reduction
const OpDef kBceWithLogits = {
    .name = "bce_with_logits",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_logits(c, 0, 1));
          c.add_output(c.dtype(0), {});
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor &x = c.input(0), &y = c.input(1);
          if (c.needs(0)) {
            c.set(0, bce_with_logits_backward(c.grad(), x, y, c.attributes()));
          }
          if (c.needs(1)) c.set(1, -x * scaled(c.grad(), c.int_attribute(0), x.numel()));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &x = *in[0], &y = *in[1];
          Tensor total = sum(relu(x) - x * y + softplus(-abs(x)));
          if (a.ints[0] == kMean) total = total / static_cast<double>(x.numel());
          return std::vector<Tensor>{total};
        },
    .saved_inputs = 3,
    .samples =
        [](const OpDef&) {
          Sample extremes = sample("Extremes",
                                   {arg_values({6}, {100, -100, 100, -100, 0, 1e4}),
                                    arg_values({6}, {1, 1, 0, 0, 0.5, 1})},
                                   {kSum});
          extremes.differentiable = false;
          return std::vector<Sample>{sample("Mean", {arg({7, 3}), arg({7, 3}, 0, 1)}, {kMean}),
                                     sample("Sum", {arg({131}), arg({131}, 0, 1)}, {kSum}),
                                     extremes,
                                     error_sample("Shapes", {arg({3}), arg({4})}, {kMean})};
        },
};

// g (), x (S), y (S) -> (sigmoid(x) - y) g / n
const OpDef kBceWithLogitsBackward = {
    .name = "bce_with_logits_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_logits(c, 1, 2));
          c.add_output(c.dtype(1), c.shape(1));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor &g = c.input(0), &x = c.input(1), &y = c.input(2);
          const int64_t reduction = c.int_attribute(0), n = x.numel();
          Tensor h = c.grad(), s = sigmoid(x);
          if (c.needs(0)) c.set(0, scaled(sum(h * (s - y)), reduction, n));
          if (c.needs(1)) c.set(1, h * s * (1 - s) * scaled(g, reduction, n));
          if (c.needs(2)) c.set(2, -h * scaled(g, reduction, n));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &g = *in[0], &x = *in[1], &y = *in[2];
          return std::vector<Tensor>{(sigmoid(x) - y) * scaled(g, a.ints[0], x.numel())};
        },
    .saved_inputs = kSaveAll,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Mean", {arg({}), arg({7, 3}), arg({7, 3}, 0, 1)}, {kMean}),
              sample("Sum", {arg({}), arg({67}), arg({67}, 0, 1)}, {kSum})};
        },
};

Tensor bce_with_logits_backward(const Tensor& g, const Tensor& x, const Tensor& y,
                                const Attributes& attributes) {
  return dispatch(kBceWithLogitsBackward, {&g, &x, &y}, attributes);
}

int64_t reduction_code(const OpDef& op, Reduction reduction) {
  if (reduction == Reduction::kNone) {
    raise_op_error(op.name, absl::InvalidArgumentError("reduction none has no fused form"));
  }
  return static_cast<int64_t>(reduction);
}

}  // namespace

Tensor cross_entropy(const Tensor& x, const Tensor& target, Reduction reduction,
                     int64_t ignore_index) {
  const Tensor* inputs[] = {&x, &target};
  return dispatch_all(kCrossEntropy, inputs,
                      {reduction_code(kCrossEntropy, reduction), ignore_index})[0];
}

Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& y, Reduction reduction) {
  return dispatch(kBceWithLogits, {&x, &y}, {reduction_code(kBceWithLogits, reduction)});
}

absl::Span<const OpDef* const> loss_ops() {
  static const OpDef* const kOps[] = {&kCrossEntropy, &kCrossEntropyBackward, &kBceWithLogits,
                                      &kBceWithLogitsBackward};
  return kOps;
}

}  // namespace tessera
