// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/loss/margin.h"

#include <string_view>

#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn::functional {
namespace {

using internal::check_class_weight;
using internal::check_same_shape;
using internal::reduced;
using internal::refuse;

// (N, C) of (N, C) or (C).
Tensor as_rows(std::string_view loss, const Tensor& input) {
  if (input.dim() < 1 || input.dim() > 2) {
    refuse(loss, "input has shape ", input.shape().to_string(), "; expected (N, C) or (C)");
  }
  return input.dim() == 1 ? input.unsqueeze(0) : input;
}

void check_shape(std::string_view loss, const Tensor& input, const Tensor& target,
                 const Shape& expected) {
  if (target.shape() != expected) {
    refuse(loss, "input has shape ", input.shape().to_string(), ", target ",
           target.shape().to_string(), "; expected target ", expected.to_string());
  }
}

void check_classes(std::string_view loss, const Tensor& target) {
  if (!is_integral(target.dtype())) {
    refuse(loss, "target is ", dtype_name(target.dtype()), "; classes are int64");
  }
}

}  // namespace

Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                           const MarginRankingLossOptions& options) {
  if (input1.dim() != input2.dim() || input1.dim() != target.dim()) {
    refuse("margin_ranking_loss", "shapes ", input1.shape().to_string(), ", ",
           input2.shape().to_string(), " and target ", target.shape().to_string(),
           " differ in rank");
  }
  return reduced((options.margin - target * (input1 - input2)).relu(), options.reduction);
}

Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target,
                            const HingeEmbeddingLossOptions& options) {
  check_same_shape("hinge_embedding_loss", input, target);
  const Tensor far = where(target != 1, (options.margin - input).relu(), 0);
  return reduced(far + where(target != -1, input, 0), options.reduction);
}

Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                             const CosineEmbeddingLossOptions& options) {
  constexpr std::string_view kName = "cosine_embedding_loss";
  constexpr double kEpsilon = 1e-12F;  // PyTorch's, which is a float
  check_same_shape(kName, input1, input2);
  as_rows(kName, input1);
  check_shape(kName, input1, target, input1.dim() == 1 ? Shape{} : Shape{input1.size(0)});
  const Tensor norms = (input1.square().sum(-1) + kEpsilon) * (input2.square().sum(-1) + kEpsilon);
  const Tensor cosine = (input1 * input2).sum(-1) / norms.sqrt();
  const Tensor apart = where(target == -1, (cosine - options.margin).relu(), 0);
  return reduced(where(target == 1, 1 - cosine, apart), options.reduction);
}

Tensor soft_margin_loss(const Tensor& input, const Tensor& target, const LossOptions& options) {
  check_same_shape("soft_margin_loss", input, target);
  return reduced(softplus(-target * input), options.reduction);
}

Tensor multi_margin_loss(const Tensor& input, const Tensor& target,
                         const MultiMarginLossOptions& options) {
  constexpr std::string_view kName = "multi_margin_loss";
  if (options.p != 1 && options.p != 2) refuse(kName, "p is ", options.p, ", not 1 or 2");
  const Tensor rows = as_rows(kName, input);
  const int64_t classes = rows.size(1);
  check_shape(kName, input, target, input.dim() == 1 ? Shape{} : Shape{rows.size(0)});
  check_classes(kName, target);
  check_class_weight(kName, options.weight, classes);
  const Tensor column = target.to(kInt64).reshape({-1, 1});
  Tensor excess = (options.margin - rows.gather(1, column) + rows).relu();
  if (options.p == 2) excess = excess.square();
  if (options.weight.defined()) {
    excess = excess * options.weight.index_select(0, column.reshape({-1})).unsqueeze(1);
  }
  const Tensor others = arange(classes, {.dtype = kInt64, .device = input.device()}) != column;
  const Tensor losses = where(others, excess, 0).sum(1) / static_cast<double>(classes);
  return reduced(losses.reshape(target.shape()), options.reduction);
}

Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target,
                              const LossOptions& options) {
  constexpr std::string_view kName = "multilabel_margin_loss";
  const Tensor rows = as_rows(kName, input);
  check_shape(kName, input, target, input.shape());
  check_classes(kName, target);
  const Tensor classes = as_rows(kName, target.to(kInt64));
  // 1 for the targets before the first negative number.
  const Tensor counted = (classes >= 0).to(kInt64).cumprod(1);
  const Tensor safe = classes * counted;
  const Tensor is_target = zeros_like(classes).scatter_add(1, safe, counted) > 0;
  // (N, target, class)
  const Tensor excess = (1 - rows.gather(1, safe).unsqueeze(2) + rows.unsqueeze(1)).relu();
  const Tensor counts =
      logical_and((counted > 0).unsqueeze(2), is_target.logical_not().unsqueeze(1));
  const Tensor losses = where(counts, excess, 0).sum({1, 2}) / static_cast<double>(rows.size(1));
  return reduced(input.dim() == 1 ? losses.squeeze(0) : losses, options.reduction);
}

Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target,
                                   const MultiLabelSoftMarginLossOptions& options) {
  check_same_shape("multilabel_soft_margin_loss", input, target);
  if (input.dim() < 1) refuse("multilabel_soft_margin_loss", "input has rank 0");
  // -(y log sigmoid(x) + (1 - y) log sigmoid(-x))
  Tensor losses = softplus(-input) + (1 - target) * input;
  if (options.weight.defined()) losses = losses * options.weight;
  return reduced(losses.mean(-1), options.reduction);
}

}  // namespace tessera::nn::functional
