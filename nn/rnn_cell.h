// SPDX-License-Identifier: Apache-2.0
//
// Single steps of recurrent networks, as torch.nn's RNNCell, LSTMCell and GRUCell. nn/rnn.h runs
// whole sequences, faster, and has the equations.
//
//   nn::GRUCell cell(64, 128);
//   Tensor h;                                     // undefined: zeros
//   for (const Tensor& x : steps) h = cell(x, h);
//
//   shape:  input (B, input_size) or (input_size); states (B, hidden_size) or (hidden_size)
//   dtype:  floating point
//   errors: throws kInvalidArgument for other shapes or dtypes
// Parameters weight_ih, weight_hh, bias_ih, bias_hh start from U(-b, b), b = 1 /
// sqrt(hidden_size).
#ifndef TESSERA_NN_RNN_CELL_H_
#define TESSERA_NN_RNN_CELL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"
#include "tessera/nn/recurrence.h"
#include "tessera/nn/rnn.h"

namespace tessera::nn {

struct CellOptions {
  bool bias = true;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

struct RNNCellOptions {
  bool bias = true;
  RNNNonlinearity nonlinearity = RNNNonlinearity::kTanh;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

class RNNCell : public ModuleOf<Tensor(const Tensor& input, const Tensor& h)> {
 public:
  RNNCell(int64_t input_size, int64_t hidden_size, const RNNCellOptions& options = {});

  using ModuleOf::operator();
  Tensor operator()(const Tensor& input) { return (*this)(input, Tensor()); }
  Tensor forward(const Tensor& input, const Tensor& h) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight_ih, weight_hh, bias_ih, bias_hh;  // biases undefined without options.bias

 private:
  int64_t input_size_, hidden_size_;
  RNNCellOptions options_;
};

class GRUCell : public ModuleOf<Tensor(const Tensor& input, const Tensor& h)> {
 public:
  GRUCell(int64_t input_size, int64_t hidden_size, const CellOptions& options = {});

  using ModuleOf::operator();
  Tensor operator()(const Tensor& input) { return (*this)(input, Tensor()); }
  Tensor forward(const Tensor& input, const Tensor& h) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight_ih, weight_hh, bias_ih, bias_hh;

 private:
  int64_t input_size_, hidden_size_;
};

// Returns the next h and c.
class LSTMCell : public ModuleOf<LSTMState(const Tensor& input, const LSTMState& state)> {
 public:
  LSTMCell(int64_t input_size, int64_t hidden_size, const CellOptions& options = {});

  using ModuleOf::operator();
  LSTMState operator()(const Tensor& input) { return (*this)(input, LSTMState()); }
  LSTMState forward(const Tensor& input, const LSTMState& state) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight_ih, weight_hh, bias_ih, bias_hh;

 private:
  int64_t input_size_, hidden_size_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_RNN_CELL_H_
