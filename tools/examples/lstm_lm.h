// SPDX-License-Identifier: Apache-2.0
//
// LstmLm: a recurrent network that predicts the next of a sequence of tokens.
//
//   LstmLm model({.vocabulary = 65});
//   Tensor logits = model(tokens);  // (B, T) int64 -> (B, T, 65)
//
//   source: Graves, Generating Sequences With Recurrent Neural Networks, 2013
#ifndef TESSERA_TOOLS_EXAMPLES_LSTM_LM_H_
#define TESSERA_TOOLS_EXAMPLES_LSTM_LM_H_

#include <cstdint>

#include "tessera/nn/nn.h"
#include "tessera/tensor/tensor.h"

namespace tessera::examples {

struct LstmLmOptions {
  int64_t vocabulary;
  int64_t width = 128;
  int64_t layers = 1;
};

//   shape:  tokens (B, T) int64 -> logits (B, T, vocabulary)
class LstmLm : public nn::Module {
 public:
  explicit LstmLm(const LstmLmOptions& options);
  Tensor forward(const Tensor& tokens) override;

 private:
  nn::Embedding& tok_;
  nn::LSTM& lstm_;
  nn::Linear& head_;
};

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_LSTM_LM_H_
