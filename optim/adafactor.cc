// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/adafactor.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::optim {
namespace {

// (.., m, n) -> (.., m, 1) and (.., 1, n)
Shape row_shape(const Shape& parameter) {
  Shape shape = parameter;
  shape[shape.rank() - 1] = 1;
  return shape;
}
Shape column_shape(const Shape& parameter) {
  Shape shape = parameter;
  shape[shape.rank() - 2] = 1;
  return shape;
}

constexpr size_t kRow = 0, kColumn = 1, kVariance = 2;
constexpr StateSlot kSlots[] = {
    {"row_var", row_shape}, {"col_var", column_shape}, {"variance", nullptr}};
constexpr StateLayout kLayout = {.optimizer = "Adafactor", .slots = kSlots};

double epsilon_of(DType dtype) {
  switch (dtype) {
    case kFloat64:
      return 0x1p-52;
    case kFloat16:
      return 0x1p-10;
    case kBFloat16:
      return 0x1p-7;
    default:
      return 0x1p-23;
  }
}

Tensor root_mean_square(const Tensor& x) {
  return x.norm() / std::sqrt(static_cast<double>(x.numel()));
}

// The state moves towards x, and is returned.
Tensor move_towards(Tensor& state, const Tensor& x, double weight) {
  state.copy_(state + (x - state) * weight);
  return state;
}

// An estimate of the mean of g^2, of g's shape.
Tensor second_moment(const Tensor& p, const Tensor& g, ParamState& state, double weight,
                     double epsilon) {
  auto slot = [&](size_t k) -> Tensor& { return internal::slot_tensor(p, state, kSlots[k], k); };
  const Tensor square = g.square();
  if (g.dim() < 2) return move_towards(slot(kVariance), square, weight);
  const Tensor row = move_towards(slot(kRow), square.mean({-1}, true), weight);
  const Tensor column = move_towards(slot(kColumn), square.mean({-2}, true), weight);
  return row * column / row.mean({-2}, true).clamp(epsilon);
}

void update(Tensor p, const Tensor& gradient, ParamState& state, const AdafactorOptions& o) {
  if (p.numel() == 0) return;
  const double t = static_cast<double>(state.step + 1);
  const double epsilon = o.eps.first.value_or(epsilon_of(p.dtype()));
  const Tensor size =
      root_mean_square(p.detach()).clamp(o.eps.second) * std::min(o.lr, 1 / std::sqrt(t));
  const Tensor g = o.maximize ? -gradient : gradient;
  const Tensor moment = second_moment(p, g, state, std::pow(t, o.beta2_decay), epsilon);
  const Tensor u = g * moment.clamp(epsilon * epsilon).rsqrt();
  const Tensor start = o.weight_decay == 0 ? p.detach() : p.detach() * (1 - o.lr * o.weight_decay);
  p.copy_(start - u * (size / (root_mean_square(u) / o.d).clamp(1)));
}

}  // namespace

std::string AdafactorOptions::problem() const {
  if (!(beta2_decay <= 0)) return absl::StrCat("beta2_decay is ", beta2_decay, ", above 0");
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_not_negative("eps.0", eps.first.value_or(0)),
                                  internal::check_not_negative("eps.1", eps.second),
                                  internal::check_at_least(1, "d", d),
                                  internal::check_not_negative("weight_decay", weight_decay)});
}

Adafactor::Adafactor(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void Adafactor::step() {
  step_batches(internal::together, [](const AdafactorOptions& o, const internal::StepBatch& batch) {
    for (size_t i = 0; i < batch.params.size(); ++i) {
      update(batch.params[i], batch.grads[i].detach(), *batch.states[i], o);
    }
  });
}

}  // namespace tessera::optim
