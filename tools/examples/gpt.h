// SPDX-License-Identifier: Apache-2.0
//
// Gpt: a transformer that predicts the next of a sequence of tokens, as GPT-2 is built.
//
//   Gpt model({.vocabulary = 65});
//   Tensor logits = model(tokens);  // (B, T) int64 -> (B, T, 65)
//
//   source: Radford et al., Language Models are Unsupervised Multitask Learners, 2019
#ifndef TESSERA_TOOLS_EXAMPLES_GPT_H_
#define TESSERA_TOOLS_EXAMPLES_GPT_H_

#include <cstdint>

#include "tessera/nn/nn.h"
#include "tessera/tensor/tensor.h"

namespace tessera::examples {

struct GptOptions {
  int64_t vocabulary;
  int64_t width = 128;
  int64_t heads = 4;
  int64_t layers = 4;
  int64_t context = 128;  // the longest sequence
};

// Attention of each position to those before it, then a network of two layers on each position;
// both read what is normalised and add to what they read from.
//   shape:  (B, T, width) -> the same
class GptBlock : public nn::Module {
 public:
  GptBlock(int64_t width, int64_t heads);
  Tensor forward(const Tensor& x) override;

 private:
  Tensor attention(const Tensor& x);

  int64_t heads_;
  nn::LayerNorm &ln1_, &ln2_;
  nn::Linear &qkv_, &proj_, &fc_, &out_;
};

//   shape:  tokens (B, T) int64, T <= context -> logits (B, T, vocabulary)
//   errors: throws kInvalidArgument if heads do not divide width
class Gpt : public nn::Module {
 public:
  explicit Gpt(const GptOptions& options);
  Tensor forward(const Tensor& tokens) override;

 private:
  nn::Embedding &tok_, &pos_;
  nn::ModuleList<GptBlock>& blocks_;
  nn::LayerNorm& ln_;
  nn::Linear& head_;
};

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_GPT_H_
