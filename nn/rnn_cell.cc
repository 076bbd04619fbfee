// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/rnn_cell.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn {
namespace {

struct CellSizes {
  int64_t input, hidden;
};

RecurrentWeights new_weights(const char* layer, RecurrentCell cell, const CellSizes& sizes,
                             bool bias, const TensorOptions& as) {
  if (sizes.input < 0 || sizes.hidden < 0) {
    raise(absl::InvalidArgumentError(absl::StrCat(layer, "(", sizes.input, ", ", sizes.hidden,
                                                  "): sizes must not be negative")));
  }
  const int64_t rows = gates_of(cell) * sizes.hidden;
  return {empty({rows, sizes.input}, as), empty({rows, sizes.hidden}, as),
          bias ? empty({rows}, as) : Tensor(), bias ? empty({rows}, as) : Tensor(), Tensor()};
}

void reset(const RecurrentWeights& w, int64_t hidden_size) {
  const double bound = hidden_size > 0 ? 1 / std::sqrt(static_cast<double>(hidden_size)) : 0;
  for (const Tensor& p : {w.w_ih, w.w_hh, w.b_ih, w.b_hh}) {
    if (p.defined()) init::uniform_(p, -bound, bound);
  }
}

Tensor state_of(const char* name, const Tensor& given, const CellSizes& sizes, const Tensor& x) {
  const Shape shape = {x.size(0), sizes.hidden};
  if (!given.defined()) return zeros(shape, {.dtype = x.dtype(), .device = x.device()});
  if (given.shape() != shape) {
    raise_op_error(name,
                   absl::InvalidArgumentError(absl::StrCat("has shape ", given.shape().to_string(),
                                                           ", expected ", shape.to_string())));
  }
  return given;
}

// x (B, input) or (input), and states accordingly.
RecurrentResult run(RecurrentCell cell, const RecurrentWeights& weights, const CellSizes& sizes,
                    const Tensor& x, const Tensor& h, const Tensor& c) {
  if (x.dim() < 1 || x.dim() > 2 || x.size(-1) != sizes.input) {
    raise_op_error("input", absl::InvalidArgumentError(
                                absl::StrCat("has shape ", x.shape().to_string(), ", expected (B, ",
                                             sizes.input, ") or (", sizes.input, ")")));
  }
  const bool has_cells = cell == RecurrentCell::kLstm;
  if (x.dim() == 1) {
    auto with_batch = [](const Tensor& s) { return s.defined() ? unsqueeze(s, 0) : s; };
    const RecurrentResult r =
        run(cell, weights, sizes, unsqueeze(x, 0), with_batch(h), with_batch(c));
    return {Tensor(), squeeze(r.h, 0), has_cells ? squeeze(r.c, 0) : Tensor()};
  }
  if (has_cells && h.defined() != c.defined()) {
    raise_op_error("state", absl::InvalidArgumentError("has one of h and c only"));
  }
  return run_cell(cell, weights, x, state_of("h", h, sizes, x),
                  has_cells ? state_of("c", c, sizes, x) : Tensor());
}

RecurrentCell cell_of(RNNNonlinearity nonlinearity) {
  return nonlinearity == RNNNonlinearity::kTanh ? RecurrentCell::kTanh : RecurrentCell::kReLU;
}

std::string describe(int64_t input_size, int64_t hidden_size, const Tensor& bias) {
  return absl::StrCat(input_size, ", ", hidden_size, bias.defined() ? "" : ", bias=False");
}

}  // namespace

RNNCell::RNNCell(int64_t input_size, int64_t hidden_size, const RNNCellOptions& options)
    : input_size_(input_size), hidden_size_(hidden_size), options_(options) {
  const RecurrentWeights w =
      new_weights("RNNCell", cell_of(options.nonlinearity), {input_size, hidden_size}, options.bias,
                  {.dtype = options.dtype, .device = options.device});
  weight_ih = add_parameter("weight_ih", w.w_ih);
  weight_hh = add_parameter("weight_hh", w.w_hh);
  bias_ih = add_parameter("bias_ih", w.b_ih);
  bias_hh = add_parameter("bias_hh", w.b_hh);
  reset_parameters();
}

void RNNCell::reset_parameters() {
  reset({weight_ih, weight_hh, bias_ih, bias_hh, Tensor()}, hidden_size_);
}

Tensor RNNCell::forward(const Tensor& input, const Tensor& h) {
  return run(cell_of(options_.nonlinearity), {weight_ih, weight_hh, bias_ih, bias_hh, Tensor()},
             {input_size_, hidden_size_}, input, h, Tensor())
      .h;
}

std::string RNNCell::extra_repr() const {
  return describe(input_size_, hidden_size_, bias_ih) +
         (options_.nonlinearity == RNNNonlinearity::kReLU ? ", nonlinearity=relu" : "");
}

GRUCell::GRUCell(int64_t input_size, int64_t hidden_size, const CellOptions& options)
    : input_size_(input_size), hidden_size_(hidden_size) {
  const RecurrentWeights w =
      new_weights("GRUCell", RecurrentCell::kGru, {input_size, hidden_size}, options.bias,
                  {.dtype = options.dtype, .device = options.device});
  weight_ih = add_parameter("weight_ih", w.w_ih);
  weight_hh = add_parameter("weight_hh", w.w_hh);
  bias_ih = add_parameter("bias_ih", w.b_ih);
  bias_hh = add_parameter("bias_hh", w.b_hh);
  reset_parameters();
}

void GRUCell::reset_parameters() {
  reset({weight_ih, weight_hh, bias_ih, bias_hh, Tensor()}, hidden_size_);
}

Tensor GRUCell::forward(const Tensor& input, const Tensor& h) {
  return run(RecurrentCell::kGru, {weight_ih, weight_hh, bias_ih, bias_hh, Tensor()},
             {input_size_, hidden_size_}, input, h, Tensor())
      .h;
}

std::string GRUCell::extra_repr() const { return describe(input_size_, hidden_size_, bias_ih); }

LSTMCell::LSTMCell(int64_t input_size, int64_t hidden_size, const CellOptions& options)
    : input_size_(input_size), hidden_size_(hidden_size) {
  const RecurrentWeights w =
      new_weights("LSTMCell", RecurrentCell::kLstm, {input_size, hidden_size}, options.bias,
                  {.dtype = options.dtype, .device = options.device});
  weight_ih = add_parameter("weight_ih", w.w_ih);
  weight_hh = add_parameter("weight_hh", w.w_hh);
  bias_ih = add_parameter("bias_ih", w.b_ih);
  bias_hh = add_parameter("bias_hh", w.b_hh);
  reset_parameters();
}

void LSTMCell::reset_parameters() {
  reset({weight_ih, weight_hh, bias_ih, bias_hh, Tensor()}, hidden_size_);
}

LSTMState LSTMCell::forward(const Tensor& input, const LSTMState& state) {
  const RecurrentResult r =
      run(RecurrentCell::kLstm, {weight_ih, weight_hh, bias_ih, bias_hh, Tensor()},
          {input_size_, hidden_size_}, input, state.h, state.c);
  return {r.h, r.c};
}

std::string LSTMCell::extra_repr() const { return describe(input_size_, hidden_size_, bias_ih); }

}  // namespace tessera::nn
