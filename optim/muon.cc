// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/muon.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/pointwise.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"momentum_buffer"}};
constexpr StateLayout kLayout = {.optimizer = "Muon", .slots = kSlots, .has_step = false};

// To the nearest bfloat16.
Tensor rounded(const Tensor& x) { return x.to(kBFloat16).to(kFloat32); }

// O(u), in float32.
Tensor orthogonalized(const Tensor& u, const MuonOptions& o) {
  const auto [a, b, c] = o.ns_coefficients;
  const bool tall = u.size(0) > u.size(1);
  Tensor x = rounded(tall ? u.t() : u);
  x = rounded(x / rounded(x.norm()).clamp(o.eps));
  for (int64_t i = 0; i < o.ns_steps; ++i) {
    const Tensor y = rounded(x.matmul(x.t()));
    const Tensor z = rounded(y * b + y.matmul(y) * c);
    x = rounded(x * a + z.matmul(x));
  }
  return tall ? x.t() : x;
}

double adjusted_rate(const MuonOptions& o, const Shape& shape) {
  const double rows = static_cast<double>(shape[0]), columns = static_cast<double>(shape[1]);
  switch (o.adjust_lr_fn) {
    case AdjustLrFn::kMatchRmsAdamw:
      return o.lr * 0.2 * std::sqrt(std::max(rows, columns));
    case AdjustLrFn::kSpectralUnclamped:
      return o.lr * std::sqrt(rows / columns);
    case AdjustLrFn::kOriginal:
      break;
  }
  return o.lr * std::sqrt(std::max(1.0, rows / columns));
}

void update(Tensor p, const Tensor& g, ParamState& state, const MuonOptions& o) {
  if (p.numel() == 0) return;
  Tensor& m = internal::slot_tensor(p, state, kSlots[0], 0);
  m.copy_(lerp(m, g, 1 - o.momentum));
  const Tensor direction = orthogonalized(o.nesterov ? lerp(g, m, o.momentum) : m, o);
  p.copy_(p.detach() * (1 - o.lr * o.weight_decay) -
          direction.to(p.dtype()) * adjusted_rate(o, p.shape()));
}

}  // namespace

std::string MuonOptions::problem() const {
  if (ns_steps < 0 || ns_steps >= 100) {
    return absl::StrCat("ns_steps is ", ns_steps, ", not in [0, 100)");
  }
  if (adjust_lr_fn < AdjustLrFn::kOriginal || adjust_lr_fn > AdjustLrFn::kSpectralUnclamped) {
    return absl::StrCat("adjust_lr_fn is ", static_cast<int64_t>(adjust_lr_fn), ", which is none");
  }
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_not_negative("momentum", momentum),
                                  internal::check_not_negative("weight_decay", weight_decay)});
}

std::string MuonOptions::parameter_problem(const Tensor& parameter) {
  if (parameter.dim() == 2) return "";
  return absl::StrCat("a parameter has shape ", parameter.shape().to_string(), ", not of a matrix");
}

Muon::Muon(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void Muon::step() {
  step_batches(internal::together, [](const MuonOptions& o, const internal::StepBatch& batch) {
    for (size_t i = 0; i < batch.params.size(); ++i) {
      update(batch.params[i], batch.grads[i].detach(), *batch.states[i], o);
    }
  });
}

}  // namespace tessera::optim
