// SPDX-License-Identifier: Apache-2.0
//
// What the recurrent layers of nn/rnn.h share: parameters, layers and directions, packed rows.
// Internal to nn/.
#ifndef TESSERA_NN_RECURRENCE_H_
#define TESSERA_NN_RECURRENCE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tessera/nn/packed_sequence.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

enum class RNNNonlinearity { kTanh, kReLU };

enum class RecurrentCell { kTanh, kReLU, kGru, kLstm };

// Rows of the input and hidden weights for each hidden unit.
int64_t gates_of(RecurrentCell cell);

// The parameters of one layer in one direction. Biases and w_hr may be undefined.
struct RecurrentWeights {
  Tensor w_ih, w_hh, b_ih, b_hh, w_hr;
};

// Rows after each step, and the state at the end; c undefined unless kLstm.
struct RecurrentResult {
  Tensor output, h, c;
};

// Runs one layer in one direction over packed rows x (N, F); h (B, R), c (B, H).
RecurrentResult run_recurrence(RecurrentCell cell, const RecurrentWeights& weights, const Tensor& x,
                               const Tensor& h, const Tensor& c,
                               absl::Span<const int64_t> batch_sizes, bool reverse);

// h and c of one step, x (B, F).
RecurrentResult run_cell(RecurrentCell cell, const RecurrentWeights& weights, const Tensor& x,
                         const Tensor& h, const Tensor& c);

struct RecurrenceOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;
  double dropout = 0;
  bool bidirectional = false;
  int64_t proj_size = 0;
  TensorOptions tensor = {};
};

class Recurrence {
 public:
  using AddParameter = std::function<Tensor(std::string name, Tensor value)>;

  //   errors: throws kInvalidArgument for sizes and options that do not fit
  Recurrence(const char* layer, RecurrentCell cell, int64_t input_size, int64_t hidden_size,
             const RecurrenceOptions& options, const AddParameter& add_parameter);

  // As nn/rnn.h says; c_0 is read and c_n given by kLstm only.
  RecurrentResult run(const Tensor& input, const Tensor& h_0, const Tensor& c_0,
                      bool training) const;

  struct PackedResult {
    PackedSequence output;
    Tensor h, c;
  };
  PackedResult run(const PackedSequence& input, const Tensor& h_0, const Tensor& c_0,
                   bool training) const;

  void reset_parameters() const;
  std::string extra_repr() const;

 private:
  struct States {
    Tensor h, c;  // (D * num_layers, B, ..)
  };
  int64_t directions() const { return options_.bidirectional ? 2 : 1; }
  int64_t output_size() const { return options_.proj_size > 0 ? options_.proj_size : hidden_size_; }
  void check_rows(const Tensor& x) const;
  Tensor state_or_zeros(const char* name, const Tensor& given, int64_t batch, int64_t size,
                        const Tensor& x) const;
  States initial(const Tensor& h_0, const Tensor& c_0, int64_t batch, const Tensor& x) const;
  RecurrentResult run_layers(Tensor x, absl::Span<const int64_t> batch_sizes, const States& states,
                             bool training) const;

  RecurrentCell cell_;
  int64_t input_size_, hidden_size_;
  RecurrenceOptions options_;
  std::vector<RecurrentWeights> weights_;  // layer by layer, direction by direction
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_RECURRENCE_H_
