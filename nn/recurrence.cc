// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/recurrence.h"

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional.h"
#include "tessera/nn/init.h"
#include "tessera/nn/python_text.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/lstm.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn {
namespace {

struct CellState {
  Tensor h, c;
};

// A cell without a kernel of its own, from the input's part of the gates (B, G H), biases included
// except the GRU's b_hh.
CellState step(RecurrentCell cell, const RecurrentWeights& w, const Tensor& gates,
               const CellState& before) {
  if (cell == RecurrentCell::kTanh || cell == RecurrentCell::kReLU) {
    const Tensor sum = gates + linear(before.h, w.w_hh);
    return {cell == RecurrentCell::kTanh ? tanh(sum) : relu(sum), Tensor()};
  }
  if (cell == RecurrentCell::kGru) {
    const Tensor hidden = linear(before.h, w.w_hh, w.b_hh);
    const int64_t n = before.h.size(1);
    const Tensor rz = sigmoid(narrow(gates, 1, 0, 2 * n) + narrow(hidden, 1, 0, 2 * n));
    const Tensor r = narrow(rz, 1, 0, n), z = narrow(rz, 1, n, n);
    const Tensor fresh = tanh(narrow(gates, 1, 2 * n, n) + r * narrow(hidden, 1, 2 * n, n));
    return {fresh + z * (before.h - fresh), Tensor()};
  }
  const std::vector<Tensor> part = chunk(gates + linear(before.h, w.w_hh), 4, 1);
  const Tensor c = sigmoid(part[1]) * before.c + sigmoid(part[0]) * tanh(part[2]);
  const Tensor h = sigmoid(part[3]) * tanh(c);
  return {w.w_hr.defined() ? linear(h, w.w_hr) : h, c};
}

Tensor input_gates(RecurrentCell cell, const RecurrentWeights& w, const Tensor& x) {
  const bool adds_both = cell != RecurrentCell::kGru && w.b_hh.defined();
  return linear(x, w.w_ih, adds_both ? w.b_ih + w.b_hh : w.b_ih);
}

Tensor first_rows(const Tensor& state, int64_t n) {
  return !state.defined() || n == state.size(0) ? state : narrow(state, 0, 0, n);
}
// `state` with `fresh` in place of its first rows.
Tensor with_first_rows(const Tensor& state, const Tensor& fresh) {
  if (!state.defined() || fresh.size(0) == state.size(0)) return fresh;
  return cat({fresh, narrow(state, 0, fresh.size(0), state.size(0) - fresh.size(0))});
}

Tensor reordered(const Tensor& states, const Tensor& order) {
  return states.defined() && order.defined() ? index_select(states, 1, order) : states;
}

}  // namespace

int64_t gates_of(RecurrentCell cell) {
  return cell == RecurrentCell::kLstm ? 4 : cell == RecurrentCell::kGru ? 3 : 1;
}

RecurrentResult run_recurrence(RecurrentCell cell, const RecurrentWeights& weights, const Tensor& x,
                               const Tensor& h, const Tensor& c,
                               absl::Span<const int64_t> batch_sizes, bool reverse) {
  const Tensor gates = input_gates(cell, weights, x);
  if (cell == RecurrentCell::kLstm && !weights.w_hr.defined()) {
    LstmResult result = lstm(gates, weights.w_hh, h, c, batch_sizes, reverse);
    return {result.output, result.h_n, result.c_n};
  }
  const int64_t steps = static_cast<int64_t>(batch_sizes.size());
  CellState state = {h, c};
  std::vector<Tensor> outputs(batch_sizes.size());
  int64_t row = reverse ? gates.size(0) : 0;
  for (int64_t k = 0; k < steps; ++k) {
    const int64_t t = reverse ? steps - 1 - k : k, n = batch_sizes[t];
    if (reverse) row -= n;
    const CellState fresh = step(cell, weights, narrow(gates, 0, row, n),
                                 {first_rows(state.h, n), first_rows(state.c, n)});
    if (!reverse) row += n;
    outputs[t] = fresh.h;
    state.h = with_first_rows(state.h, fresh.h);
    if (fresh.c.defined()) state.c = with_first_rows(state.c, fresh.c);
  }
  return {cat(outputs), state.h, state.c};
}

RecurrentResult run_cell(RecurrentCell cell, const RecurrentWeights& weights, const Tensor& x,
                         const Tensor& h, const Tensor& c) {
  return run_recurrence(cell, weights, x, h, c, {x.size(0)}, /*reverse=*/false);
}

Recurrence::Recurrence(const char* layer, RecurrentCell cell, int64_t input_size,
                       int64_t hidden_size, const RecurrenceOptions& options,
                       const AddParameter& add_parameter)
    : cell_(cell), input_size_(input_size), hidden_size_(hidden_size), options_(options) {
  auto refuse = [&](auto... parts) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(layer, "(", input_size, ", ", hidden_size, "): ", parts...)));
  };
  if (input_size < 0 || hidden_size < 1)
    refuse("hidden_size must be above 0, input_size not below");
  if (options.num_layers < 1) refuse("num_layers is ", options.num_layers, ", not above 0");
  if (!(options.dropout >= 0 && options.dropout <= 1)) {
    refuse("dropout is ", options.dropout, ", not in [0, 1]");
  }
  if (options.proj_size < 0 || options.proj_size >= hidden_size) {
    refuse("proj_size is ", options.proj_size, ", not in [0, hidden_size)");
  }
  const int64_t rows = gates_of(cell) * hidden_size;
  for (int64_t l = 0; l < options.num_layers; ++l) {
    const int64_t width = l == 0 ? input_size : output_size() * directions();
    for (int64_t d = 0; d < directions(); ++d) {
      const std::string end = absl::StrCat("_l", l, d == 1 ? "_reverse" : "");
      auto parameter = [&](const char* name, bool wanted, const Shape& shape) {
        return add_parameter(name + end, wanted ? empty(shape, options.tensor) : Tensor());
      };
      RecurrentWeights w;
      w.w_ih = parameter("weight_ih", true, {rows, width});
      w.w_hh = parameter("weight_hh", true, {rows, output_size()});
      w.b_ih = parameter("bias_ih", options.bias, {rows});
      w.b_hh = parameter("bias_hh", options.bias, {rows});
      w.w_hr = parameter("weight_hr", options.proj_size > 0, {options.proj_size, hidden_size});
      weights_.push_back(std::move(w));
    }
  }
  reset_parameters();
}

void Recurrence::reset_parameters() const {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden_size_));
  for (const RecurrentWeights& w : weights_) {
    for (const Tensor& p : {w.w_ih, w.w_hh, w.b_ih, w.b_hh, w.w_hr}) {
      if (p.defined()) init::uniform_(p, -bound, bound);
    }
  }
}

void Recurrence::check_rows(const Tensor& x) const {
  if (x.dim() >= 2 && x.size(-1) == input_size_) return;
  raise_op_error("input",
                 absl::InvalidArgumentError(absl::StrCat("has shape ", x.shape().to_string(),
                                                         "; its last size must be ", input_size_)));
}

Tensor Recurrence::state_or_zeros(const char* name, const Tensor& given, int64_t batch,
                                  int64_t size, const Tensor& x) const {
  const Shape shape = {options_.num_layers * directions(), batch, size};
  if (!given.defined()) return zeros(shape, {.dtype = x.dtype(), .device = x.device()});
  if (given.shape() != shape) {
    raise_op_error(name,
                   absl::InvalidArgumentError(absl::StrCat("has shape ", given.shape().to_string(),
                                                           ", expected ", shape.to_string())));
  }
  return given;
}

Recurrence::States Recurrence::initial(const Tensor& h_0, const Tensor& c_0, int64_t batch,
                                       const Tensor& x) const {
  const bool has_cells = cell_ == RecurrentCell::kLstm;
  if (has_cells && h_0.defined() != c_0.defined()) {
    raise_op_error("state", absl::InvalidArgumentError("has one of h and c only"));
  }
  return {state_or_zeros("h_0", h_0, batch, output_size(), x),
          has_cells ? state_or_zeros("c_0", c_0, batch, hidden_size_, x) : Tensor()};
}

RecurrentResult Recurrence::run_layers(Tensor x, absl::Span<const int64_t> batch_sizes,
                                       const States& states, bool training) const {
  const bool has_cells = states.c.defined();
  std::vector<Tensor> h_n, c_n;
  for (int64_t l = 0; l < options_.num_layers; ++l) {
    std::vector<Tensor> outputs;
    for (int64_t d = 0; d < directions(); ++d) {
      const int64_t k = l * directions() + d;
      RecurrentResult result =
          run_recurrence(cell_, weights_[k], x, select(states.h, 0, k),
                         has_cells ? select(states.c, 0, k) : Tensor(), batch_sizes, d == 1);
      outputs.push_back(result.output);
      h_n.push_back(result.h);
      if (has_cells) c_n.push_back(result.c);
    }
    x = outputs.size() == 1 ? outputs[0] : cat(outputs, 1);
    if (l + 1 < options_.num_layers) x = functional::dropout(x, options_.dropout, training);
  }
  return {x, stack(h_n), has_cells ? stack(c_n) : Tensor()};
}

RecurrentResult Recurrence::run(const Tensor& input, const Tensor& h_0, const Tensor& c_0,
                                bool training) const {
  check_rows(input);
  if (input.dim() == 2) {
    auto with_batch = [](const Tensor& s) { return s.defined() ? unsqueeze(s, 1) : s; };
    const int64_t batch_dim = options_.batch_first ? 0 : 1;
    RecurrentResult r =
        run(unsqueeze(input, batch_dim), with_batch(h_0), with_batch(c_0), training);
    return {squeeze(r.output, batch_dim), squeeze(r.h, 1), r.c.defined() ? squeeze(r.c, 1) : r.c};
  }
  if (input.dim() != 3) {
    raise_op_error("input",
                   absl::InvalidArgumentError(absl::StrCat("has shape ", input.shape().to_string(),
                                                           ", expected 2 or 3 dimensions")));
  }
  const Tensor x = options_.batch_first ? transpose(input, 0, 1) : input;
  const int64_t steps = x.size(0), batch = x.size(1);
  if (steps == 0) {
    raise_op_error("input", absl::InvalidArgumentError(
                                absl::StrCat("has no step: ", input.shape().to_string())));
  }
  const States states = initial(h_0, c_0, batch, x);
  const std::vector<int64_t> batch_sizes(steps, batch);
  RecurrentResult r =
      run_layers(reshape(x, {steps * batch, input_size_}), batch_sizes, states, training);
  r.output = reshape(r.output, {steps, batch, output_size() * directions()});
  if (options_.batch_first) r.output = transpose(r.output, 0, 1);
  return r;
}

Recurrence::PackedResult Recurrence::run(const PackedSequence& input, const Tensor& h_0,
                                         const Tensor& c_0, bool training) const {
  check_rows(input.data);
  if (input.batch_sizes.empty()) {
    raise_op_error("input", absl::InvalidArgumentError("has no step"));
  }
  const States states =
      initial(reordered(h_0, input.sorted_indices), reordered(c_0, input.sorted_indices),
              input.batch_sizes[0], input.data);
  RecurrentResult r = run_layers(input.data, input.batch_sizes, states, training);
  PackedSequence output = input;
  output.data = r.output;
  return {std::move(output), reordered(r.h, input.unsorted_indices),
          reordered(r.c, input.unsorted_indices)};
}

std::string Recurrence::extra_repr() const {
  std::string text = absl::StrCat(input_size_, ", ", hidden_size_);
  if (options_.proj_size != 0) absl::StrAppend(&text, ", proj_size=", options_.proj_size);
  if (options_.num_layers != 1) absl::StrAppend(&text, ", num_layers=", options_.num_layers);
  if (!options_.bias) text += ", bias=False";
  if (options_.batch_first) text += ", batch_first=True";
  if (options_.dropout != 0) absl::StrAppend(&text, ", dropout=", python_text(options_.dropout));
  if (options_.bidirectional) text += ", bidirectional=True";
  return text;
}

}  // namespace tessera::nn
