// SPDX-License-Identifier: Apache-2.0
//
// A sample's states s = 0 .. 2 S are its labels with blanks between and around: s is label s / 2 if
// odd, else blank. An alignment starts in state 0 or 1, goes on by 0 or 1 states a step, or by 2
// onto a label that differs from the one before, and ends in state 2 S or 2 S - 1. With e_t(s) the
// log-probability of the state's class at step t:
//   alpha_t(s) = e_t(s) + log sum exp of alpha_{t-1} over the states that lead to s
//   beta_t(s)  = log sum exp of beta_{t+1} + e_{t+1} over the states that s leads to
// and exp(alpha_t(s) + beta_t(s) + loss) is the probability of being in s at step t.
#include "tessera/nn/loss/ctc.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "tessera/autograd/function.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn::functional {
namespace {

using internal::refuse;

constexpr std::string_view kName = "ctc_loss";
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What the host knows of a batch, as tensors beside log_probs (T, N, C).
struct Alignment {
  Tensor classes;        // (N, states) int64: the class of each state
  Tensor may_skip;       // (N, states) bool: whether state s can follow state s - 2
  Tensor is_first;       // (N, states) bool
  Tensor is_last;        // (N, states) bool
  Tensor input_lengths;  // (N, 1) int64
  Tensor is_empty;       // (N) bool: no input
  Tensor empty_loss;     // (N): the loss of such a sample
};

std::vector<int64_t> read_lengths(const char* what, const Tensor& lengths, int64_t batch,
                                  int64_t most) {
  if (!is_integral(lengths.dtype()) || lengths.numel() != batch || lengths.dim() > 1) {
    refuse(kName, what, " is ", dtype_name(lengths.dtype()), " ", lengths.shape().to_string(),
           ", expected int64 [", batch, "]");
  }
  std::vector<int64_t> values = lengths.to_vector<int64_t>();
  for (int64_t length : values) {
    if (length < 0 || length > most) {
      refuse(kName, what, " has ", length, ", not in [0, ", most, "]");
    }
  }
  return values;
}

// Each sample's labels.
std::vector<std::vector<int64_t>> read_targets(const Tensor& targets,
                                               const std::vector<int64_t>& lengths, int64_t batch,
                                               int64_t classes) {
  const std::vector<int64_t> all = targets.to_vector<int64_t>();
  const bool padded = targets.dim() == 2;
  int64_t total = 0;
  for (int64_t length : lengths) total += length;
  if (padded ? targets.size(0) != batch : targets.numel() != total) {
    refuse(kName, "targets ", targets.shape().to_string(), " for ", batch, " samples of ", total,
           " labels in all");
  }
  std::vector<std::vector<int64_t>> result;
  int64_t place = 0;
  for (int64_t n = 0; n < batch; ++n) {
    if (padded) place = n * targets.size(1);
    result.emplace_back(all.begin() + place, all.begin() + place + lengths[n]);
    place += lengths[n];
    for (int64_t label : result.back()) {
      if (label < 0 || label >= classes) {
        raise_op_error(kName, absl::OutOfRangeError(absl::StrCat("a target is ", label,
                                                                 ", not in [0, ", classes, ")")));
      }
    }
  }
  return result;
}

Alignment align(const std::vector<std::vector<int64_t>>& targets,
                const std::vector<int64_t>& input_lengths, int64_t blank, const Tensor& like) {
  const int64_t batch = static_cast<int64_t>(targets.size());
  size_t longest = 0;
  for (const auto& labels : targets) longest = std::max(longest, labels.size());
  const int64_t states = 2 * static_cast<int64_t>(longest) + 1;
  std::vector<int64_t> classes(batch * states, blank);
  std::vector<uint8_t> may_skip(batch * states), is_first(batch * states), is_last(batch * states);
  std::vector<uint8_t> is_empty(batch);
  std::vector<double> empty_loss(batch);
  for (int64_t n = 0; n < batch; ++n) {
    const std::vector<int64_t>& labels = targets[n];
    const int64_t row = n * states, last = 2 * static_cast<int64_t>(labels.size());
    for (size_t i = 0; i < labels.size(); ++i) {
      const int64_t s = row + 2 * static_cast<int64_t>(i) + 1;
      classes[s] = labels[i];
      may_skip[s] = i > 0 && labels[i] != blank && labels[i] != labels[i - 1];
    }
    is_first[row] = is_last[row + last] = 1;
    if (last > 0) is_first[row + 1] = is_last[row + last - 1] = 1;
    is_empty[n] = input_lengths[n] == 0;
    empty_loss[n] = labels.empty() ? 0 : kInfinity;
  }
  const TensorOptions whole = {.dtype = kInt64, .device = like.device()};
  auto mask = [&](const std::vector<uint8_t>& values, const Shape& shape) {
    return tensor<uint8_t>(values, shape, {.dtype = kUInt8, .device = like.device()}) != 0;
  };
  return {tensor<int64_t>(classes, {batch, states}, whole),
          mask(may_skip, {batch, states}),
          mask(is_first, {batch, states}),
          mask(is_last, {batch, states}),
          tensor<int64_t>(input_lengths, {batch, 1}, whole),
          mask(is_empty, {batch}),
          tensor<double>(empty_loss, {batch}, {.dtype = like.dtype(), .device = like.device()})};
}

// log(exp(a) + exp(b) + exp(c)); -inf where all are.
Tensor log_sum(const Tensor& a, const Tensor& b, const Tensor& c) {
  const Tensor most = maximum(maximum(a, b), c);
  const Tensor shift = where(most == -kInfinity, 0, most);
  return ((a - shift).exp() + (b - shift).exp() + (c - shift).exp()).log() + shift;
}

// x (N, states) moved up by k states, or down for a negative k; -inf comes in.
Tensor moved(const Tensor& x, int64_t k) {
  const int64_t states = x.size(1), size = std::min(std::abs(k), states);
  const Tensor gap =
      full({x.size(0), size}, -kInfinity, {.dtype = x.dtype(), .device = x.device()});
  return k > 0 ? cat({gap, x.narrow(1, 0, states - size)}, 1)
               : cat({x.narrow(1, size, states - size), gap}, 1);
}

// e (T, N, states)
Tensor emissions(const Tensor& log_probs, const Alignment& a) {
  const Shape shape = {log_probs.size(0), a.classes.size(0), a.classes.size(1)};
  return log_probs.gather(2, a.classes.unsqueeze(0).expand(shape));
}

// alpha (T, N, states)
Tensor forward_scores(const Tensor& e, const Alignment& a) {
  std::vector<Tensor> steps = {where(a.is_first, e[0], -kInfinity)};
  for (int64_t t = 1; t < e.size(0); ++t) {
    const Tensor& before = steps.back();
    const Tensor skipped = where(a.may_skip, moved(before, 2), -kInfinity);
    steps.push_back(e[t] + log_sum(before, moved(before, 1), skipped));
  }
  return stack(steps, 0);
}

// beta (T, N, states); -inf after a sample's last step.
Tensor backward_scores(const Tensor& e, const Alignment& a) {
  const int64_t last = e.size(0) - 1;
  const Tensor end = where(a.is_last, zeros_like(e[0]), -kInfinity);
  Tensor after = full(e[0].shape(), -kInfinity, {.dtype = e.dtype(), .device = e.device()});
  std::vector<Tensor> steps(e.size(0));
  for (int64_t t = last; t >= 0; --t) {
    if (t < last) {
      const Tensor next = after + e[t + 1];
      const Tensor skipped = moved(where(a.may_skip, next, -kInfinity), -2);
      after = log_sum(next, moved(next, -1), skipped);
    }
    after = where(a.input_lengths == t + 1, end, after);
    steps[t] = after;
  }
  return stack(steps, 0);
}

// (N)
Tensor losses_of(const Tensor& alpha, const Alignment& a) {
  const int64_t batch = alpha.size(1), states = alpha.size(2);
  const Tensor last_step = (a.input_lengths - 1).clamp(0).unsqueeze(0).expand({1, batch, states});
  const Tensor final_scores = where(a.is_last, alpha.gather(0, last_step).squeeze(0), -kInfinity);
  const Tensor most = final_scores.amax(1, true);
  const Tensor shift = where(most == -kInfinity, 0, most);
  const Tensor total = (final_scores - shift).exp().sum(1).log() + shift.squeeze(1);
  return where(a.is_empty, a.empty_loss, -total);
}

// The gradient for log_probs of losses (N) that `grad` (N) reaches.
Tensor gradient(const Tensor& log_probs, const Tensor& losses, const Tensor& grad,
                const Alignment& a, bool zero_infinity) {
  const Tensor e = emissions(log_probs, a);
  const Tensor occupied =
      (forward_scores(e, a) + backward_scores(e, a) + losses.unsqueeze(1)).exp();
  const Tensor states = a.classes.unsqueeze(0).expand(e.shape());
  const Tensor counts = zeros_like(log_probs).scatter_add(2, states, occupied);
  const Tensor steps = arange(log_probs.size(0), {.dtype = kInt64, .device = log_probs.device()})
                           .reshape({-1, 1, 1});
  Tensor counted = steps < a.input_lengths;  // (T, N, 1)
  if (zero_infinity) counted = logical_and(counted, (losses != kInfinity).unsqueeze(1));
  // 0, but nan for a loss that is infinite, as in PyTorch.
  const Tensor spoiled = (losses - losses).unsqueeze(1);
  return where(counted, (log_probs.exp() - counts + spoiled) * grad.unsqueeze(1), 0);
}

}  // namespace

Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CTCLossOptions& options) {
  const bool batched = log_probs.dim() == 3;
  if (!batched && log_probs.dim() != 2) {
    refuse(kName, "log_probs has shape ", log_probs.shape().to_string(),
           "; expected (T, N, C) or (T, C)");
  }
  if (!is_integral(targets.dtype()) || targets.dim() < 1 || targets.dim() > (batched ? 2 : 1)) {
    refuse(kName, "targets is ", dtype_name(targets.dtype()), " ", targets.shape().to_string(),
           batched ? "; expected int64 (N, S) or (sum of lengths)" : "; expected int64 (S)");
  }
  const Tensor x = batched ? log_probs : log_probs.unsqueeze(1);
  const int64_t steps = x.size(0), batch = x.size(1), classes = x.size(2);
  if (options.blank < 0 || options.blank >= classes) {
    refuse(kName, "blank is ", options.blank, ", not in [0, ", classes, ")");
  }
  if (steps == 0 || batch == 0) {
    refuse(kName, "log_probs has shape ", log_probs.shape().to_string(), ": no steps or samples");
  }
  const std::vector<int64_t> inputs = read_lengths("input_lengths", input_lengths, batch, steps);
  const std::vector<int64_t> lengths =
      read_lengths("target_lengths", target_lengths, batch,
                   targets.dim() == 2 ? targets.size(1) : targets.numel());
  const Alignment a =
      align(read_targets(targets, lengths, batch, classes), inputs, options.blank, x);

  const bool zero_infinity = options.zero_infinity;
  Tensor losses = autograd::custom_function(
      "ctc_loss", {x},
      [&] { return std::vector<Tensor>{losses_of(forward_scores(emissions(x, a), a), a)}; },
      [a, zero_infinity](VjpContext& c) {
        c.set(0, gradient(c.input(0), c.output(0), c.grad(), a, zero_infinity));
      },
      {.inputs = kSaveAll, .outputs = kSaveAll})[0];
  if (zero_infinity) losses = where(losses == kInfinity, 0, losses);
  if (options.reduction == kMean) {
    std::vector<double> divisors(lengths.begin(), lengths.end());
    for (double& d : divisors) d = std::max(d, 1.0);
    return (losses / tensor<double>(divisors, {batch}, {.dtype = x.dtype(), .device = x.device()}))
        .mean();
  }
  if (options.reduction == kSum) return losses.sum();
  return batched ? losses : losses.squeeze(0);
}

}  // namespace tessera::nn::functional
