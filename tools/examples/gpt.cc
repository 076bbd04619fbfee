// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/gpt.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::examples {

namespace F = nn::functional;

GptBlock::GptBlock(int64_t width, int64_t heads)
    : heads_(heads),
      ln1_(add("ln1", nn::LayerNorm(width))),
      ln2_(add("ln2", nn::LayerNorm(width))),
      qkv_(add("qkv", nn::Linear(width, 3 * width))),
      proj_(add("proj", nn::Linear(width, width))),
      fc_(add("fc", nn::Linear(width, 4 * width))),
      out_(add("out", nn::Linear(4 * width, width))) {}

Tensor GptBlock::attention(const Tensor& x) {
  const int64_t width = x.size(2);
  const auto by_head = [&](const Tensor& t) {  // (B, T, width) -> (B, heads, T, width / heads)
    return t.unflatten(2, {heads_, width / heads_}).transpose(1, 2);
  };
  const std::vector<Tensor> qkv = qkv_(x).split(width, 2);
  const Tensor y = F::scaled_dot_product_attention(by_head(qkv[0]), by_head(qkv[1]),
                                                   by_head(qkv[2]), {.is_causal = true});
  return proj_(y.transpose(1, 2).flatten(2));
}

Tensor GptBlock::forward(const Tensor& x) {
  const Tensor h = x + attention(ln1_(x));
  return h + out_(F::gelu(fc_(ln2_(h))));
}

Gpt::Gpt(const GptOptions& options)
    : tok_(add("tok", nn::Embedding(options.vocabulary, options.width))),
      pos_(add("pos", nn::Embedding(options.context, options.width))),
      blocks_(add("blocks", nn::ModuleList<GptBlock>())),
      ln_(add("ln", nn::LayerNorm(options.width))),
      head_(add("head", nn::Linear(options.width, options.vocabulary, {.bias = false}))) {
  if (options.heads < 1 || options.width % options.heads != 0) {
    raise(absl::InvalidArgumentError(absl::StrCat("Gpt: ", options.heads, " heads, width ",
                                                  options.width, "; heads must divide width")));
  }
  for (int64_t i = 0; i < options.layers; ++i) {
    blocks_.push_back(GptBlock(options.width, options.heads));
  }
  for (auto& [name, parameter] : named_parameters()) {
    if (parameter.dim() == 2) nn::init::normal_(parameter, 0, 0.02);
    if (name.ends_with(".bias")) nn::init::zeros_(parameter);
  }
}

Tensor Gpt::forward(const Tensor& tokens) {
  const Tensor places = arange(tokens.size(1), {.dtype = kInt64, .device = tokens.device()});
  Tensor x = tok_(tokens) + pos_(places);
  for (GptBlock* block : blocks_) x = (*block)(x);
  return head_(ln_(x));
}

}  // namespace tessera::examples
