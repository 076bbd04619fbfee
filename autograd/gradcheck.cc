// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/element_index.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera {
namespace {

bool is_floating(const Tensor& tensor) { return tensor.defined() && tensor.is_floating_point(); }

// Weight of element `i` of the outputs, of which none is special.
double weight(int64_t i) {
  const double x = 0.6180339887498949 * static_cast<double>(i + 1);
  return 0.5 + (x - std::floor(x));
}

// Weights for each floating point output; undefined for others.
std::vector<Tensor> make_weights(const std::vector<Tensor>& outputs) {
  std::vector<Tensor> weights;
  int64_t next = 0;
  for (const Tensor& output : outputs) {
    weights.emplace_back();
    if (!is_floating(output)) continue;
    std::vector<double> values(static_cast<size_t>(output.numel()));
    for (double& value : values) value = weight(next++);
    weights.back() =
        tensor<double>(values, output.shape(), {.dtype = kFloat64, .device = output.device()})
            .to(output.dtype());
  }
  return weights;
}

std::vector<Tensor> to_float64(absl::Span<const Tensor> inputs, bool requires_grad) {
  NoGradGuard no_grad;
  std::vector<Tensor> result;
  for (const Tensor& input : inputs) {
    if (!is_floating(input)) {
      result.push_back(input);
      continue;
    }
    result.push_back(input.detach().to(kFloat64).clone());
    if (requires_grad) result.back().requires_grad_();
  }
  return result;
}

// Gradients of the weighted sum; zeros where nothing depends on an input.
std::vector<Tensor> analytic_gradients(const TensorFunction& function,
                                       const std::vector<Tensor>& inputs) {
  EnableGradGuard grad_mode;
  const std::vector<Tensor> outputs = function(inputs);
  const std::vector<Tensor> weights = make_weights(outputs);
  std::vector<Tensor> roots, root_weights, leaves;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!weights[i].defined() || !outputs[i].requires_grad()) continue;
    roots.push_back(outputs[i]);
    root_weights.push_back(weights[i]);
  }
  for (const Tensor& input : inputs) {
    if (input.defined() && input.requires_grad()) leaves.push_back(input);
  }
  std::vector<Tensor> of_leaves =
      roots.empty() ? std::vector<Tensor>(leaves.size())
                    : autograd::grad(roots, leaves, root_weights, {.allow_unused = true});
  std::vector<Tensor> gradients;
  size_t leaf = 0;
  for (const Tensor& input : inputs) {
    gradients.emplace_back();
    if (!input.defined() || !input.requires_grad()) continue;
    gradients.back() = of_leaves[leaf++];
    if (!gradients.back().defined()) gradients.back() = zeros_like(input);
  }
  return gradients;
}

bool has_floating_output(const TensorFunction& function, const std::vector<Tensor>& inputs) {
  const std::vector<Tensor> outputs = function(inputs);
  return std::any_of(outputs.begin(), outputs.end(), is_floating);
}

// All elements of all floating point outputs.
std::vector<double> evaluate(const TensorFunction& function, const std::vector<Tensor>& inputs) {
  std::vector<double> values;
  for (const Tensor& output : function(inputs)) {
    if (!is_floating(output)) continue;
    const std::vector<double> of_output = output.to_vector<double>();
    values.insert(values.end(), of_output.begin(), of_output.end());
  }
  return values;
}

}  // namespace

absl::Status gradcheck(const TensorFunction& function, absl::Span<const Tensor> inputs,
                       const GradcheckOptions& options) {
  const std::vector<Tensor> gradients = analytic_gradients(function, to_float64(inputs, true));
  NoGradGuard no_grad;
  const std::vector<Tensor> points = to_float64(inputs, false);
  if (!has_floating_output(function, points)) {
    return absl::InvalidArgumentError("gradcheck: the function has no floating point output");
  }
  bool is_any_checked = false;
  for (size_t i = 0; i < points.size(); ++i) {
    if (!gradients[i].defined()) continue;
    is_any_checked = true;
    const std::vector<double> analytic = gradients[i].to_vector<double>();
    const std::vector<double> values = points[i].to_vector<double>();
    Tensor flat = points[i].view({-1});
    int64_t wrong = 0, worst = 0;
    double worst_excess = 0, worst_numeric = 0;
    for (int64_t k = 0; k < points[i].numel(); ++k) {
      const double value = values[static_cast<size_t>(k)];
      Tensor element = flat.select(0, k);
      element.fill_(value + options.eps);
      const std::vector<double> above = evaluate(function, points);
      element.fill_(value - options.eps);
      const std::vector<double> below = evaluate(function, points);
      element.fill_(value);
      double numeric = 0;
      for (size_t j = 0; j < above.size(); ++j) {
        numeric += weight(static_cast<int64_t>(j)) * (above[j] - below[j]);
      }
      numeric /= 2 * options.eps;
      const double difference = std::abs(analytic[static_cast<size_t>(k)] - numeric);
      const double allowed = options.atol + options.rtol * std::abs(numeric);
      if (difference <= allowed) continue;  // not so if nan
      const double excess = std::isnan(difference) ? INFINITY : difference / allowed;
      if (wrong++ == 0 || excess > worst_excess) {
        worst = k;
        worst_excess = excess;
        worst_numeric = numeric;
      }
    }
    if (wrong == 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("gradcheck: ", wrong, " of ", points[i].numel(), " gradients of input ", i,
                     " (", points[i].shape().to_string(), ") are wrong, most so that of element ",
                     autograd::element_index(worst, points[i].shape()), ": analytic ",
                     analytic[static_cast<size_t>(worst)], ", numeric ", worst_numeric));
  }
  if (!is_any_checked) {
    return absl::InvalidArgumentError("gradcheck: no input is floating point");
  }
  return absl::OkStatus();
}

absl::Status gradgradcheck(const TensorFunction& function, absl::Span<const Tensor> inputs,
                           const GradcheckOptions& options) {
  const size_t n_inputs = inputs.size();
  // The outputs' gradients are inputs too.
  std::vector<Tensor> all(inputs.begin(), inputs.end());
  {
    NoGradGuard no_grad;
    for (Tensor& weights : make_weights(function(to_float64(inputs, false)))) {
      all.push_back(std::move(weights));
    }
  }
  auto gradient = [&](const std::vector<Tensor>& arguments) {
    EnableGradGuard grad_mode;
    std::vector<Tensor> points, leaves;
    for (size_t i = 0; i < n_inputs; ++i) {
      Tensor point = arguments[i];
      if (is_floating(point)) {
        // In the numeric part nothing is a leaf yet.
        if (!point.requires_grad()) point = point.detach().requires_grad_();
        leaves.push_back(point);
      }
      points.push_back(point);
    }
    const std::vector<Tensor> outputs = function(points);
    std::vector<Tensor> roots, root_gradients;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!arguments[n_inputs + i].defined() || !outputs[i].requires_grad()) continue;
      roots.push_back(outputs[i]);
      root_gradients.push_back(arguments[n_inputs + i]);
    }
    std::vector<Tensor> gradients =
        autograd::grad(roots, leaves, root_gradients, {.create_graph = true, .allow_unused = true});
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (!gradients[i].defined()) gradients[i] = zeros_like(leaves[i]);
    }
    return gradients;
  };
  return gradcheck(gradient, all, options);
}

namespace {

TensorFunction of_vector(const std::function<Tensor(const Tensor&)>& function) {
  return [&function](const std::vector<Tensor>& inputs) {
    return std::vector<Tensor>{function(inputs[0])};
  };
}

}  // namespace

absl::Status gradcheck(const std::function<Tensor(const Tensor&)>& function, const Tensor& input,
                       const GradcheckOptions& options) {
  return gradcheck(of_vector(function), {input}, options);
}

absl::Status gradgradcheck(const std::function<Tensor(const Tensor&)>& function,
                           const Tensor& input, const GradcheckOptions& options) {
  return gradgradcheck(of_vector(function), {input}, options);
}

}  // namespace tessera
