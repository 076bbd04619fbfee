// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/estimators/logistic_regression.h"

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/nn/estimators/check_data.h"
#include "tessera/nn/functional_loss.h"
#include "tessera/nn/metrics/accuracy.h"
#include "tessera/optim/lbfgs.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn {
namespace {

constexpr char kName[] = "LogisticRegression";

// y's labels, ascending, how many samples each has, and y as places among them.
struct Labels {
  std::vector<int64_t> classes;
  std::vector<int64_t> counts;
  std::vector<int64_t> places;
};

Labels labels_of(const Tensor& y) {
  Labels labels;
  labels.places = y.to_vector<int64_t>();
  labels.classes = labels.places;
  std::sort(labels.classes.begin(), labels.classes.end());
  labels.classes.erase(std::unique(labels.classes.begin(), labels.classes.end()),
                       labels.classes.end());
  labels.counts.resize(labels.classes.size());
  for (int64_t& label : labels.places) {
    label = std::lower_bound(labels.classes.begin(), labels.classes.end(), label) -
            labels.classes.begin();
    ++labels.counts[static_cast<size_t>(label)];
  }
  return labels;
}

// Of each of y's classes.
std::vector<double> weights_of(const ClassWeight& class_weight, const Labels& labels) {
  const std::vector<int64_t>& classes = labels.classes;
  std::vector<double> weights(classes.size(), 1);
  if (class_weight.is_balanced) {
    for (size_t c = 0; c < weights.size(); ++c) {
      weights[c] = static_cast<double>(labels.places.size()) /
                   (static_cast<double>(weights.size()) * static_cast<double>(labels.counts[c]));
    }
    return weights;
  }
  for (const auto& [label, weight] : class_weight.weights) {
    const auto at = std::lower_bound(classes.begin(), classes.end(), label);
    if (at == classes.end() || *at != label) {
      internal::refuse_data(kName,
                            absl::StrCat("fit: class ", label, " has a weight and no samples"));
    }
    weights[static_cast<size_t>(at - classes.begin())] = weight;
  }
  return weights;
}

}  // namespace

LogisticRegression::LogisticRegression(const LogisticRegressionOptions& options)
    : options_(options) {
  if (!(options.C > 0) || !(options.tol >= 0) || options.max_iter < 0) {
    internal::refuse_data(kName,
                          absl::StrCat("C is ", options.C, ", tol ", options.tol, ", max_iter ",
                                       options.max_iter, "; expected positive, and not negative"));
  }
  for (const auto& [label, weight] : options.class_weight.weights) {
    if (!(weight > 0)) {
      internal::refuse_data(
          kName, absl::StrCat("the weight of class ", label, " is ", weight, ", not positive"));
    }
  }
}

LogisticRegression& LogisticRegression::fit(const Tensor& x, const Tensor& y) {
  internal::check_training_data(kName, x, y);
  if (y.dim() != 1 || y.is_floating_point()) {
    internal::refuse_data(kName, absl::StrCat("fit: y is ", dtype_name(y.dtype()), " ",
                                              y.shape().to_string(), "; expected integers (n)"));
  }
  if (!x.isfinite().all().item<bool>()) {
    internal::refuse_data(kName, "fit: x has elements that are not finite");
  }
  const Labels labels = labels_of(y);
  if (labels.classes.size() < 2) {
    internal::refuse_data(kName, absl::StrCat("fit: all targets are ", labels.classes[0],
                                              "; expected at least two classes"));
  }
  const std::vector<double> weights = weights_of(options_.class_weight, labels);
  classes_ = labels.classes;

  double total_weight = 0;
  for (size_t c = 0; c < weights.size(); ++c) {
    total_weight += weights[c] * static_cast<double>(labels.counts[c]);
  }
  const TensorOptions like_x = {.dtype = x.dtype(), .device = x.device()};
  const bool weighted = options_.class_weight.is_balanced || !options_.class_weight.weights.empty();
  const bool binary = classes_.size() == 2;
  const Tensor target = tensor<int64_t>(labels.places, {.dtype = kInt64, .device = x.device()});
  Tensor weight;
  if (weighted) weight = tensor<double>(weights, {.device = x.device()}).to(x.dtype());
  if (weighted && binary) weight = weight.index_select(0, target);
  const Tensor positive = binary ? target.to(x.dtype()) : Tensor();

  const int64_t rows = binary ? 1 : static_cast<int64_t>(classes_.size());
  coef_ = zeros({rows, x.size(1)}, like_x).requires_grad_();
  intercept_ = zeros({rows}, like_x);
  std::vector<Tensor> parameters = {coef_};
  if (options_.fit_intercept) parameters.push_back(intercept_.requires_grad_());

  const double penalty = options_.penalty == Penalty::kL2 ? 0.5 / (options_.C * total_weight) : 0;
  // SciPy's L-BFGS-B, which scikit-learn calls: 10 pairs, as many evaluations as it takes, and an
  // end where the objective stands still.
  optim::LBFGS optimizer(parameters,
                         {.max_iter = options_.max_iter,
                          .max_eval = 20 * options_.max_iter,
                          .tolerance_grad = options_.tol,
                          .tolerance_change = 64 * std::numeric_limits<double>::epsilon(),
                          .history_size = 10,
                          .line_search_fn = optim::kStrongWolfe});
  optimizer.step([&] {
    optimizer.zero_grad();
    const Tensor z = linear(x, coef_, options_.fit_intercept ? intercept_ : Tensor());
    Tensor loss;
    if (!binary) {
      loss = functional::cross_entropy(z, target, {.weight = weight});
    } else if (weighted) {
      loss = functional::binary_cross_entropy_with_logits(z.flatten(), positive,
                                                          {.weight = weight, .reduction = kSum}) /
             total_weight;
    } else {
      loss = functional::binary_cross_entropy_with_logits(z.flatten(), positive);
    }
    if (penalty != 0) loss = loss + coef_.square().sum() * penalty;
    loss.backward();
    return loss;
  });
  n_iter_ = optimizer.iterations();
  converged_ = n_iter_ < options_.max_iter;
  for (Tensor* parameter : {&coef_, &intercept_}) *parameter = parameter->detach();
  return *this;
}

Tensor LogisticRegression::decision_function(const Tensor& x) const {
  internal::check_data(kName, x, coef_);
  NoGradGuard no_grad;
  const Tensor z = linear(x, coef_, intercept_);
  return classes_.size() == 2 ? z.flatten() : z;
}

Tensor LogisticRegression::predict_proba(const Tensor& x) const {
  const Tensor z = decision_function(x);
  NoGradGuard no_grad;
  return classes_.size() == 2 ? stack({sigmoid(-z), sigmoid(z)}, 1) : z.softmax(1);
}

Tensor LogisticRegression::predict_log_proba(const Tensor& x) const {
  const Tensor z = decision_function(x);
  NoGradGuard no_grad;
  return classes_.size() == 2 ? stack({logsigmoid(-z), logsigmoid(z)}, 1) : z.log_softmax(1);
}

Tensor LogisticRegression::predict(const Tensor& x) const {
  const Tensor z = decision_function(x);
  NoGradGuard no_grad;
  const Tensor place = classes_.size() == 2 ? (z > 0).to(kInt64) : z.argmax(1);
  return tensor<int64_t>(classes_, {.dtype = kInt64, .device = x.device()}).index_select(0, place);
}

double LogisticRegression::score(const Tensor& x, const Tensor& y) const {
  Accuracy accuracy;
  accuracy.update(predict(x), y);
  return accuracy.compute();
}

}  // namespace tessera::nn
