// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/optim/grouped_optimizer.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"

namespace tessera::optim {
namespace {

constexpr std::string_view kGroup = "param_groups.0.";
constexpr std::string_view kState = "state.0.";

double largest(const Tensor& x) { return x.numel() == 0 ? 0 : x.abs().amax().item<double>(); }

std::string problem_of(const LBFGSOptions& o) {
  if (!(o.lr > 0)) return absl::StrCat("lr is ", o.lr, ", not above 0");
  if (o.max_iter < 1) return absl::StrCat("max_iter is ", o.max_iter, ", not at least 1");
  if (o.history_size < 1)
    return absl::StrCat("history_size is ", o.history_size, ", not at least 1");
  return "";
}

}  // namespace

LBFGS::LBFGS(std::vector<Tensor> params, const LBFGSOptions& options)
    : params_(std::move(params)),
      options_(options),
      history_(std::max<int64_t>(options.history_size, 1)) {
  std::vector<const TensorImpl*> seen;
  internal::check_group("LBFGS", params_, seen, problem_of(options));
  for (const Tensor& p : params_) {
    numel_ += p.numel();
    if (p.dtype() != params_[0].dtype() || !(p.device() == params_[0].device())) {
      raise(absl::InvalidArgumentError("LBFGS: parameters differ in dtype or device"));
    }
  }
}

void LBFGS::step() {
  raise(absl::FailedPreconditionError(
      "LBFGS: step() wants a closure that computes the loss and its gradients"));
}

Tensor LBFGS::flat_parameters() const {
  std::vector<Tensor> parts;
  for (const Tensor& p : params_) parts.push_back(p.detach().flatten());
  return cat(parts);
}

Tensor LBFGS::flat_gradient() const {
  std::vector<Tensor> parts;
  for (const Tensor& p : params_) {
    Tensor gradient = p.grad();
    parts.push_back(gradient.defined() ? gradient.detach().flatten() : zeros_like(p).flatten());
  }
  return cat(parts);
}

void LBFGS::set_parameters(const Tensor& flat) {
  int64_t at = 0;
  for (const Tensor& p : params_) {
    p.detach().copy_(flat.narrow(0, at, p.numel()).view(p.shape()));
    at += p.numel();
  }
}

LinePoint LBFGS::evaluate(const Closure& closure, const Tensor& origin, double t) {
  {
    NoGradGuard no_grad;
    set_parameters(origin + direction_ * t);
  }
  LinePoint point;
  point.t = t;
  point.loss = closure().item<double>();
  ++evaluations_;
  NoGradGuard no_grad;
  point.gradient = flat_gradient();
  point.slope = point.gradient.dot(direction_).item<double>();
  return point;
}

Tensor LBFGS::step(const Closure& closure) {
  if (!closure) step();
  const int64_t most_evaluations = options_.max_eval.value_or(options_.max_iter * 5 / 4);
  const int64_t evaluations_before = evaluations_;

  const Tensor first_loss = closure();
  ++evaluations_;
  double loss = first_loss.item<double>();
  Tensor gradient = flat_gradient();
  double gradient_size = largest(gradient);
  if (gradient_size <= options_.tolerance_grad) return first_loss;

  for (int64_t i = 0; i < options_.max_iter; ++i) {
    const bool is_first = iterations_++ == 0;
    {
      NoGradGuard no_grad;
      direction_ = is_first
                       ? -gradient
                       : history_.update(direction_ * t_, gradient - previous_gradient_, gradient);
    }
    previous_gradient_ = gradient;
    previous_loss_ = loss;
    // Nothing is known of the function's scale at first: a step of length at most 1.
    t_ = options_.lr;
    if (is_first) {
      NoGradGuard no_grad;
      t_ *= std::min(1.0, 1.0 / gradient.abs().sum().item<double>());
    }
    LinePoint point = {.t = 0, .loss = loss, .gradient = gradient};
    double direction_size = 0;
    Tensor origin;
    {
      NoGradGuard no_grad;
      point.slope = gradient.dot(direction_).item<double>();
      if (point.slope > -options_.tolerance_change) break;
      direction_size = largest(direction_);
      origin = flat_parameters();
    }

    if (options_.line_search_fn == kStrongWolfe) {
      LineSearchResult found = strong_wolfe(
          [&](double t) { return evaluate(closure, origin, t); }, point, t_,
          {.tolerance_change = options_.tolerance_change, .direction_norm = direction_size});
      t_ = found.point.t;
      loss = found.point.loss;
      gradient = found.point.gradient;
      NoGradGuard no_grad;
      set_parameters(origin + direction_ * t_);
      gradient_size = largest(gradient);
    } else if (i + 1 < options_.max_iter) {
      point = evaluate(closure, origin, t_);
      loss = point.loss;
      gradient = point.gradient;
      gradient_size = largest(gradient);
    } else {
      // The next step() begins with an evaluation, perhaps of other data.
      NoGradGuard no_grad;
      set_parameters(origin + direction_ * t_);
    }

    if (evaluations_ - evaluations_before >= most_evaluations) break;
    if (gradient_size <= options_.tolerance_grad) break;
    if (direction_size * std::abs(t_) <= options_.tolerance_change) break;
    if (std::abs(loss - previous_loss_) < options_.tolerance_change) break;
  }
  return first_loss;
}

double* LBFGS::find_option(size_t group, std::string_view name) {
  return group == 0 && name == "lr" ? &options_.lr : nullptr;
}

StateDict LBFGS::state_dict() const {
  StateDict state;
  state.set("func_evals", internal::option_tensor(evaluations_));
  state.set("n_iter", internal::option_tensor(iterations_));
  if (direction_.defined()) {
    state.set("d", direction_);
    state.set("t", internal::option_tensor(t_));
    state.set("prev_flat_grad", previous_gradient_);
    state.set("prev_loss", internal::option_tensor(previous_loss_));
    history_.save(state);
  }
  StateDict result;
  result.insert(kState, state);
  result.set(absl::StrCat(kGroup, "lr"), internal::option_tensor(options_.lr));
  save_initial_lrs(result);
  return result;
}

absl::Status LBFGS::load_state_dict(const StateDict& dict) {
  NoGradGuard no_grad;
  const StateDict state = dict.with_prefix(kState);
  size_t used = 0;
  double lr = 0, t = 0, previous_loss = 0;
  int64_t evaluations = 0, iterations = 0;
  absl::Status status = internal::load_option(dict, absl::StrCat(kGroup, "lr"), lr, used);
  status.Update(internal::load_option(state, "func_evals", evaluations, used));
  status.Update(internal::load_option(state, "n_iter", iterations, used));
  if (!status.ok()) return status;

  LbfgsHistory history(options_.history_size);
  Tensor direction, gradient;
  if (state.contains("d")) {
    status.Update(internal::load_option(state, "t", t, used));
    status.Update(internal::load_option(state, "prev_loss", previous_loss, used));
    const Tensor like = flat_parameters();
    for (auto [name, target] :
         {std::pair("d", &direction), std::pair("prev_flat_grad", &gradient)}) {
      const Tensor* saved = state.find(name);
      if (saved == nullptr || saved->shape() != Shape{numel_}) {
        status.Update(absl::InvalidArgumentError(
            absl::StrCat("LBFGS: the state has no '", name, "' of ", numel_, " elements")));
      } else {
        *target = saved->detach().to(like.device()).to(like.dtype()).clone();
      }
    }
    status.Update(history.load(state, like));
  }
  std::vector<std::optional<double>> initial_lrs;
  status.Update(load_initial_lrs(dict, initial_lrs, used));
  if (!status.ok()) return status;
  set_initial_lrs(std::move(initial_lrs));
  options_.lr = lr;
  evaluations_ = evaluations;
  iterations_ = iterations;
  t_ = t;
  previous_loss_ = previous_loss;
  direction_ = direction;
  previous_gradient_ = gradient;
  history_ = std::move(history);
  return absl::OkStatus();
}

}  // namespace tessera::optim
