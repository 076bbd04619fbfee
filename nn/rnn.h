// SPDX-License-Identifier: Apache-2.0
//
// Recurrent layers, as torch.nn's RNN, LSTM and GRU. nn/rnn_cell.h has single steps.
//
//   nn::LSTM lstm(64, 128, {.num_layers = 2, .batch_first = true});
//   auto [y, state] = lstm(x);             // x (B, T, 64) -> y (B, T, 128)
//   auto [z, next] = lstm(more, state);    // goes on from there
//   auto [packed, last] = lstm(nn::pack_padded_sequence(x, lengths, {.batch_first = true}));
//
//   shape:  input (T, B, input_size), (B, T, input_size) with batch_first, or (T, input_size);
//           output the same with D * H, D = 2 if bidirectional, H = hidden_size (or proj_size);
//           h_0, h_n (D * num_layers, B, H), without B for an input without; undefined h_0: zeros
//   dtype:  floating point
//   errors: throws kInvalidArgument for sizes and options that do not fit, and for inputs and
//           states of other shapes or dtypes
// Parameters are PyTorch's: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, with "_reverse" for
// the second direction; all start from U(-1 / sqrt(hidden_size), 1 / sqrt(hidden_size)). Calls with
// a PackedSequence run no forward hooks.
#ifndef TESSERA_NN_RNN_H_
#define TESSERA_NN_RNN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tessera/nn/module.h"
#include "tessera/nn/packed_sequence.h"
#include "tessera/nn/recurrence.h"

namespace tessera::nn {

struct RNNOptions {
  int64_t num_layers = 1;
  RNNNonlinearity nonlinearity = RNNNonlinearity::kTanh;
  bool bias = true;
  bool batch_first = false;
  double dropout = 0;  // on the outputs of every layer but the last, while training
  bool bidirectional = false;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

struct GRUOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;
  double dropout = 0;
  bool bidirectional = false;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

struct LSTMOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;
  double dropout = 0;
  bool bidirectional = false;
  int64_t proj_size = 0;  // above 0: h is projected to this size (weight_hr_l0)
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

struct RNNResult {
  Tensor output, h_n;
  auto tensors() { return std::tie(output, h_n); }
};
struct PackedRNNResult {
  PackedSequence output;
  Tensor h_n;
};
struct LSTMState {
  Tensor h = {}, c = {};  // c is (D * num_layers, B, hidden_size) with a proj_size too
  auto tensors() { return std::tie(h, c); }
};
struct LSTMResult {
  Tensor output;
  LSTMState state;
  auto tensors() { return std::tie(output, state.h, state.c); }
};
struct PackedLSTMResult {
  PackedSequence output;
  LSTMState state;
};

// h = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu.   source: Elman, 1990
class RNN : public ModuleOf<RNNResult(const Tensor& input, const Tensor& h_0)> {
 public:
  RNN(int64_t input_size, int64_t hidden_size, const RNNOptions& options = {});

  using ModuleOf::operator();
  RNNResult operator()(const Tensor& input) { return (*this)(input, Tensor()); }
  PackedRNNResult operator()(const PackedSequence& input, const Tensor& h_0 = {});
  RNNResult forward(const Tensor& input, const Tensor& h_0) override;
  void reset_parameters() { recurrence_.reset_parameters(); }
  std::string extra_repr() const override { return recurrence_.extra_repr(); }

 private:
  Recurrence recurrence_;
};

// r, z = sigmoid(W_i x + b_i + W_h h + b_h);  n = tanh(W_in x + b_in + r (W_hn h + b_hn));
// h = (1 - z) n + z h.   source: Cho et al., 2014
class GRU : public ModuleOf<RNNResult(const Tensor& input, const Tensor& h_0)> {
 public:
  GRU(int64_t input_size, int64_t hidden_size, const GRUOptions& options = {});

  using ModuleOf::operator();
  RNNResult operator()(const Tensor& input) { return (*this)(input, Tensor()); }
  PackedRNNResult operator()(const PackedSequence& input, const Tensor& h_0 = {});
  RNNResult forward(const Tensor& input, const Tensor& h_0) override;
  void reset_parameters() { recurrence_.reset_parameters(); }
  std::string extra_repr() const override { return recurrence_.extra_repr(); }

 private:
  Recurrence recurrence_;
};

// lstm of tensor/ops/lstm.h. Give both h and c of a state, or neither.
class LSTM : public ModuleOf<LSTMResult(const Tensor& input, const LSTMState& state)> {
 public:
  LSTM(int64_t input_size, int64_t hidden_size, const LSTMOptions& options = {});

  using ModuleOf::operator();
  LSTMResult operator()(const Tensor& input) { return (*this)(input, LSTMState()); }
  PackedLSTMResult operator()(const PackedSequence& input, const LSTMState& state = {});
  LSTMResult forward(const Tensor& input, const LSTMState& state) override;
  void reset_parameters() { recurrence_.reset_parameters(); }
  std::string extra_repr() const override { return recurrence_.extra_repr(); }

 private:
  Recurrence recurrence_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_RNN_H_
