// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/rnn.h"

#include <utility>

#include "tessera/tensor/module_scope.h"

namespace tessera::nn {
namespace {

template <class Options>
RecurrenceOptions common(const Options& o) {
  return {.num_layers = o.num_layers,
          .bias = o.bias,
          .batch_first = o.batch_first,
          .dropout = o.dropout,
          .bidirectional = o.bidirectional,
          .tensor = {.dtype = o.dtype, .device = o.device}};
}

RecurrenceOptions lstm_options(const LSTMOptions& o) {
  RecurrenceOptions options = common(o);
  options.proj_size = o.proj_size;
  return options;
}

}  // namespace

RNN::RNN(int64_t input_size, int64_t hidden_size, const RNNOptions& options)
    : recurrence_("RNN",
                  options.nonlinearity == RNNNonlinearity::kTanh ? RecurrentCell::kTanh
                                                                 : RecurrentCell::kReLU,
                  input_size, hidden_size, common(options), [this](std::string name, Tensor value) {
                    return add_parameter(std::move(name), std::move(value));
                  }) {}

RNNResult RNN::forward(const Tensor& input, const Tensor& h_0) {
  RecurrentResult r = recurrence_.run(input, h_0, Tensor(), is_training());
  return {r.output, r.h};
}

PackedRNNResult RNN::operator()(const PackedSequence& input, const Tensor& h_0) {
  ModuleScope scope(scope_name(), type_name());
  Recurrence::PackedResult r = recurrence_.run(input, h_0, Tensor(), is_training());
  return {std::move(r.output), r.h};
}

GRU::GRU(int64_t input_size, int64_t hidden_size, const GRUOptions& options)
    : recurrence_("GRU", RecurrentCell::kGru, input_size, hidden_size, common(options),
                  [this](std::string name, Tensor value) {
                    return add_parameter(std::move(name), std::move(value));
                  }) {}

RNNResult GRU::forward(const Tensor& input, const Tensor& h_0) {
  RecurrentResult r = recurrence_.run(input, h_0, Tensor(), is_training());
  return {r.output, r.h};
}

PackedRNNResult GRU::operator()(const PackedSequence& input, const Tensor& h_0) {
  ModuleScope scope(scope_name(), type_name());
  Recurrence::PackedResult r = recurrence_.run(input, h_0, Tensor(), is_training());
  return {std::move(r.output), r.h};
}

LSTM::LSTM(int64_t input_size, int64_t hidden_size, const LSTMOptions& options)
    : recurrence_("LSTM", RecurrentCell::kLstm, input_size, hidden_size, lstm_options(options),
                  [this](std::string name, Tensor value) {
                    return add_parameter(std::move(name), std::move(value));
                  }) {}

LSTMResult LSTM::forward(const Tensor& input, const LSTMState& state) {
  RecurrentResult r = recurrence_.run(input, state.h, state.c, is_training());
  return {r.output, {r.h, r.c}};
}

PackedLSTMResult LSTM::operator()(const PackedSequence& input, const LSTMState& state) {
  ModuleScope scope(scope_name(), type_name());
  Recurrence::PackedResult r = recurrence_.run(input, state.h, state.c, is_training());
  return {std::move(r.output), {r.h, r.c}};
}

}  // namespace tessera::nn
