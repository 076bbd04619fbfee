// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/lstm_lm.h"

namespace tessera::examples {

LstmLm::LstmLm(const LstmLmOptions& options)
    : tok_(add("tok", nn::Embedding(options.vocabulary, options.width))),
      lstm_(add("lstm", nn::LSTM(options.width, options.width,
                                 {.num_layers = options.layers, .batch_first = true}))),
      head_(add("head", nn::Linear(options.width, options.vocabulary))) {}

Tensor LstmLm::forward(const Tensor& tokens) { return head_(lstm_(tok_(tokens)).output); }

}  // namespace tessera::examples
