// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/loss/classification.h"

#include <string_view>
#include <vector>

#include "tessera/autograd/function.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/softmax.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn::functional {
namespace {

using internal::check_class_weight;
using internal::check_same_shape;
using internal::reduced;
using internal::refuse;

// ---- Classes
// -------------------------------------------------------------------------------------

// (N, C, d..), (C) -> (rows, C); rows are in the order of the targets (N, d..).
Tensor as_rows(const Tensor& x) {
  if (x.dim() == 1) return x.unsqueeze(0);
  if (x.dim() == 2) return x;
  return x.movedim(1, -1).reshape({-1, x.size(1)});
}

// The shape of class targets for an input: (N, d..), () for (C).
Shape class_shape(std::string_view name, const Shape& input) {
  if (input.rank() == 0) refuse(name, "input has rank 0; expected (C) or (N, C, ...)");
  Shape shape = input;
  shape.erase(input.rank() == 1 ? 0 : 1);
  return shape;
}

// Losses of class targets and what each counts in the mean, row by row.
struct RowLosses {
  Tensor losses, counts;
};

// log_p (rows, C), target (rows).
RowLosses class_losses(const Tensor& log_p, const Tensor& target, const Tensor& weight,
                       int64_t ignore_index, double smoothing) {
  const Tensor valid = target != ignore_index;
  const Tensor safe = where(valid, target, 0);
  // Where a row is ignored its loss is 0, whatever its inputs are: where(), not a product.
  Tensor counts = valid.to(log_p.dtype());
  if (weight.defined()) counts = where(valid, weight.index_select(0, safe), 0);
  Tensor losses = -log_p.gather(1, safe.unsqueeze(1)).squeeze(1);
  if (weight.defined()) losses = losses * counts;
  if (smoothing > 0) {
    const Tensor all = weight.defined() ? log_p * weight : log_p;
    losses = losses * (1 - smoothing) - all.sum(1) * (smoothing / log_p.size(1));
  }
  return {where(valid, losses, 0), counts};
}

Tensor reduce_rows(const RowLosses& rows, Reduction reduction, const Shape& shape) {
  if (reduction == kNone) return rows.losses.reshape(shape);
  const Tensor total = rows.losses.sum();
  return reduction == kSum ? total : total / rows.counts.sum();
}

Tensor check_classes(std::string_view name, const Tensor& input, const Tensor& target) {
  const Shape shape = class_shape(name, input.shape());
  if (target.shape() != shape) {
    refuse(name, "input has shape ", input.shape().to_string(), ", target ",
           target.shape().to_string(), "; expected target ", shape.to_string());
  }
  if (!is_integral(target.dtype())) {
    refuse(name, "target is ", dtype_name(target.dtype()), "; classes are int64");
  }
  return target.to(kInt64).reshape({-1});
}

// Targets that are probabilities of every class.
Tensor soft_cross_entropy(const Tensor& input, const Tensor& target,
                          const CrossEntropyLossOptions& options) {
  const Tensor log_p = log_softmax(as_rows(input), 1);
  Tensor p = as_rows(target);
  if (options.label_smoothing > 0) {
    p = p * (1 - options.label_smoothing) + options.label_smoothing / log_p.size(1);
  }
  if (options.weight.defined()) p = p * options.weight;
  const Tensor losses = -(log_p * p).sum(1);
  if (options.reduction != kNone) return reduced(losses, options.reduction);
  return losses.reshape(class_shape("cross_entropy", input.shape()));
}

// ---- Binary
// --------------------------------------------------------------------------------------

Tensor bounded_log(const Tensor& x) { return x.log().clamp(-100); }

// One value per element. By the chain rule the gradient would be 0 * inf where input is 0 or 1.
Tensor elementwise_bce(const Tensor& input, const Tensor& target) {
  auto log_not = [](const Tensor& p) { return (-p).log1p().clamp(-100); };
  return autograd::custom_function(
      "binary_cross_entropy", {input, target},
      [&] {
        return std::vector<Tensor>{-(target * bounded_log(input) + (1 - target) * log_not(input))};
      },
      [log_not](VjpContext& c) {
        const Tensor &p = c.input(0), &y = c.input(1);
        if (c.needs(0)) c.set(0, c.grad() * (p - y) / (p * (1 - p)).clamp(1e-12));
        if (c.needs(1)) c.set(1, c.grad() * (log_not(p) - bounded_log(p)));
      },
      {.inputs = kSaveAll})[0];
}

}  // namespace

Tensor cross_entropy(const Tensor& input, const Tensor& target,
                     const CrossEntropyLossOptions& options) {
  constexpr std::string_view kName = "cross_entropy";
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1)) {
    refuse(kName, "label_smoothing is ", options.label_smoothing, ", not in [0, 1]");
  }
  const Shape shape = class_shape(kName, input.shape());
  const int64_t classes = input.size(input.dim() == 1 ? 0 : 1);
  check_class_weight(kName, options.weight, classes);
  if (target.is_floating_point()) {
    check_same_shape(kName, input, target);
    return soft_cross_entropy(input, target, options);
  }
  const Tensor rows = as_rows(input);
  const Tensor flat_target = check_classes(kName, input, target);
  if (!options.weight.defined() && options.label_smoothing == 0 && options.reduction != kNone) {
    return tessera::cross_entropy(rows, flat_target, options.reduction, options.ignore_index);
  }
  return reduce_rows(class_losses(log_softmax(rows, 1), flat_target, options.weight,
                                  options.ignore_index, options.label_smoothing),
                     options.reduction, shape);
}

Tensor nll_loss(const Tensor& input, const Tensor& target, const NLLLossOptions& options) {
  constexpr std::string_view kName = "nll_loss";
  const Shape shape = class_shape(kName, input.shape());
  check_class_weight(kName, options.weight, input.size(input.dim() == 1 ? 0 : 1));
  const Tensor flat_target = check_classes(kName, input, target);
  return reduce_rows(
      class_losses(as_rows(input), flat_target, options.weight, options.ignore_index, 0),
      options.reduction, shape);
}

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target,
                            const BCELossOptions& options) {
  check_same_shape("binary_cross_entropy", input, target);
  Tensor losses = elementwise_bce(input, target);
  if (options.weight.defined()) losses = losses * options.weight;
  return reduced(losses, options.reduction);
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const BCEWithLogitsLossOptions& options) {
  check_same_shape("binary_cross_entropy_with_logits", input, target);
  if (!options.weight.defined() && !options.pos_weight.defined() && options.reduction != kNone) {
    return tessera::binary_cross_entropy_with_logits(input, target, options.reduction);
  }
  // (1 - y) x + w softplus(-x), where w is what positive targets count.
  const Tensor positive = softplus(-input);
  Tensor losses = (1 - target) * input;
  if (options.pos_weight.defined()) {
    losses = losses + (1 + (options.pos_weight - 1) * target) * positive;
  } else {
    losses = losses + positive;
  }
  if (options.weight.defined()) losses = losses * options.weight;
  return reduced(losses, options.reduction);
}

}  // namespace tessera::nn::functional
