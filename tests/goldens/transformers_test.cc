// SPDX-License-Identifier: Apache-2.0
//
// MultiheadAttention and the transformer's layers against PyTorch, and what they refuse.
#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tests/goldens/module_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;

Tensor or_none(const Tensors& in, size_t i) { return i < in.size() ? in[i] : Tensor(); }

TEST(AttentionGoldens, EveryCase) {
  for (const GoldenCase& golden : load_goldens("transformers", "MultiheadAttention/")) {
    SCOPED_TRACE(golden.name);
    nn::MultiheadAttentionOptions options = {.bias = golden.flag("bias", true),
                                             .add_bias_kv = golden.flag("add_bias_kv"),
                                             .add_zero_attn = golden.flag("add_zero_attn"),
                                             .batch_first = golden.flag("batch_first")};
    if (golden.has_option("kdim")) options.kdim = golden.integer("kdim", 0);
    if (golden.has_option("vdim")) options.vdim = golden.integer("vdim", 0);
    nn::MultiheadAttention attention(4, 2, options);
    check_module(golden, attention, [&](const Tensors& in) {
      const Tensor q = in[0], k = in.size() > 1 && in[1].defined() ? in[1] : q;
      const Tensor v = in.size() > 2 && in[2].defined() ? in[2] : k;
      const nn::AttentionResult r = attention(q, k, v,
                                              {.key_padding_mask = or_none(in, 3),
                                               .need_weights = golden.flag("need_weights"),
                                               .attn_mask = or_none(in, 4),
                                               .average_attn_weights = golden.flag("average")});
      return r.weights.defined() ? Tensors{r.output, r.weights} : Tensors{r.output};
    });
  }
}

nn::TransformerLayerOptions layer_options(const GoldenCase& golden) {
  nn::TransformerLayerOptions options = {.dim_feedforward = golden.integer("dim_feedforward", 2048),
                                         .dropout = golden.number("dropout", 0.1),
                                         .layer_norm_eps = golden.number("layer_norm_eps", 1e-5),
                                         .batch_first = golden.flag("batch_first"),
                                         .norm_first = golden.flag("norm_first"),
                                         .bias = golden.flag("bias", true)};
  if (golden.text("activation") == "gelu") {
    options.activation = [](const Tensor& x) { return gelu(x); };
  }
  return options;
}

TEST(TransformerGoldens, EncoderLayer) {
  for (const GoldenCase& golden : load_goldens("transformers", "TransformerEncoderLayer/")) {
    SCOPED_TRACE(golden.name);
    nn::TransformerEncoderLayer layer(4, 2, layer_options(golden));
    check_module(golden, layer, [&](const Tensors& in) {
      return Tensors{
          layer(in[0], {.mask = or_none(in, 1), .src_key_padding_mask = or_none(in, 2)})};
    });
  }
}

TEST(TransformerGoldens, DecoderLayer) {
  for (const GoldenCase& golden : load_goldens("transformers", "TransformerDecoderLayer/")) {
    SCOPED_TRACE(golden.name);
    nn::TransformerDecoderLayer layer(4, 2, layer_options(golden));
    check_module(golden, layer, [&](const Tensors& in) {
      return Tensors{layer(
          in[0], in[1], {.tgt_mask = or_none(in, 2), .memory_key_padding_mask = or_none(in, 3)})};
    });
  }
}

TEST(TransformerGoldens, WholeModel) {
  for (const GoldenCase& golden : load_goldens("transformers", "Transformer/")) {
    SCOPED_TRACE(golden.name);
    nn::Transformer model({.d_model = 4,
                           .nhead = 2,
                           .num_encoder_layers = 2,
                           .num_decoder_layers = 2,
                           .dim_feedforward = 3,
                           .dropout = 0,
                           .batch_first = golden.flag("batch_first")});
    check_module(golden, model, [&](const Tensors& in) {
      const Tensor mask = nn::generate_square_subsequent_mask(3, {.dtype = kFloat64});
      return Tensors{model(in[0], in[1], {.tgt_mask = mask})};
    });
  }
}

TEST(TransformerGoldens, SubsequentMask) {
  const GoldenCase golden = load_goldens("transformers", "mask/").at(0);
  expect_close(nn::generate_square_subsequent_mask(3), golden.tensor("out0"));
}

TEST(Attention, CausalIsTheSameByEveryWay) {
  nn::MultiheadAttention attention(8, 2, {.batch_first = true, .dtype = kFloat64});
  const Tensor x = rand({2, 5, 8}, {.dtype = kFloat64});
  const Tensor mask = nn::generate_square_subsequent_mask(5, {.dtype = kFloat64});
  const Tensor expected = attention(x, x, x, {.attn_mask = mask}).output.detach();
  for (bool need_weights : {false, true}) {
    for (bool with_mask : {false, true}) {
      const nn::AttentionResult r = attention(x, x, x,
                                              {.need_weights = need_weights,
                                               .attn_mask = with_mask ? mask : Tensor(),
                                               .is_causal = true});
      expect_close(r.output, expected);
    }
  }
  const Tensor none = zeros({2, 5}, {.dtype = kBool});
  expect_close(
      attention(x, x, x, {.key_padding_mask = none, .need_weights = false, .is_causal = true})
          .output,
      expected);
}

TEST(Attention, DropsWeightsWhileTraining) {
  nn::MultiheadAttention attention(8, 2, {.dropout = 0.5});
  const Tensor x = rand({5, 2, 8});
  for (bool need_weights : {false, true}) {
    auto run = [&] { return attention(x, x, x, {.need_weights = need_weights}).output; };
    attention.train();
    EXPECT_FALSE(equal(run(), run()));
    attention.eval();
    EXPECT_TRUE(equal(run(), run()));
  }
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(Attention, RefusesWhatDoesNotFit) {
  error_of([] { nn::MultiheadAttention(6, 4); });
  error_of([] { nn::MultiheadAttention(8, 2, {.dropout = 2}); });
  nn::MultiheadAttention attention(8, 2);
  const Tensor x = rand({3, 2, 8});
  EXPECT_NE(error_of([&] {
              attention(x, rand({4, 3, 8}), rand({4, 3, 8}));
            }).find("[4, 3, 8]"),
            std::string::npos);
  error_of([&] { attention(rand({3, 2, 4}), x, x); });
  error_of([&] { attention(x, x, x, {.attn_mask = zeros({3, 4}, {.dtype = kBool})}); });
  error_of([&] { attention(x, x, x, {.key_padding_mask = zeros({3, 2}, {.dtype = kBool})}); });
  error_of([&] { attention(x, x, x, {.attn_mask = zeros({3, 3}, {.dtype = kInt64})}); });
}

// Each mask by itself reaches the encoder's or the decoder's argument of its name, and hides
// something.
TEST(Transformer, PassesEveryMaskOn) {
  nn::Transformer model({.d_model = 8,
                         .nhead = 2,
                         .num_encoder_layers = 1,
                         .num_decoder_layers = 1,
                         .dim_feedforward = 5,
                         .dropout = 0,
                         .dtype = kFloat64});
  const TensorOptions as = {.dtype = kFloat64};
  const Tensor src = rand({4, 2, 8}, as), tgt = rand({3, 2, 8}, as);
  const Tensor whole = model(src, tgt, {}).detach();
  const Tensor square4 = rand({4, 4}, as) > 0.5, square3 = triu(ones({3, 3}), 1) > 0;
  const Tensor across = tensor<double>({0, 1, 2, 3, 0, 1, 2, 1, 0, 0, 3, 1}, {3, 4});
  const Tensor of_src = tensor<double>({0, 0, 0, 1, 0, 0, 1, 1}, {2, 4}) > 0;
  const Tensor of_tgt = tensor<double>({0, 0, 1, 0, 1, 1}, {2, 3}) > 0;
  const Tensor square_src = where(square4, 2, zeros({4, 4}, as));
  auto check = [&](const char* what, const nn::TransformerMasks& masks,
                   const nn::EncoderMasks& encoder, const nn::DecoderMasks& decoder) {
    SCOPED_TRACE(what);
    const Tensor masked = model(src, tgt, masks).detach();
    expect_close(masked, model.decoder(tgt, model.encoder(src, encoder), decoder).detach());
    EXPECT_FALSE(allclose(masked, whole, 1e-6, 1e-6));
  };
  check("src_mask", {.src_mask = square_src}, {.mask = square_src}, {});
  check("tgt_mask", {.tgt_mask = square3}, {}, {.tgt_mask = square3});
  check("memory_mask", {.memory_mask = across}, {}, {.memory_mask = across});
  check("src_key_padding_mask", {.src_key_padding_mask = of_src}, {.src_key_padding_mask = of_src},
        {});
  check("tgt_key_padding_mask", {.tgt_key_padding_mask = of_tgt}, {},
        {.tgt_key_padding_mask = of_tgt});
  check("memory_key_padding_mask", {.memory_key_padding_mask = of_src}, {},
        {.memory_key_padding_mask = of_src});
  check("src_is_causal", {.src_is_causal = true}, {.is_causal = true}, {});
  check("tgt_is_causal", {.tgt_is_causal = true}, {}, {.tgt_is_causal = true});
  check("memory_is_causal", {.memory_is_causal = true}, {}, {.memory_is_causal = true});
}

TEST(Transformer, LayersStartAsCopiesOfTheFirst) {
  nn::TransformerEncoderLayer layer(8, 2, {.dim_feedforward = 5});
  const nn::StateDict state = layer.state_dict();
  nn::TransformerEncoder encoder(std::move(layer), 3, nn::LayerNorm(8));
  EXPECT_EQ(encoder.state_dict().size(), 3 * state.size() + 2);
  for (const char* prefix : {"layers.0.", "layers.1.", "layers.2."}) {
    const nn::StateDict copy = encoder.state_dict().with_prefix(prefix);
    ASSERT_EQ(copy.keys(), state.keys());
    for (const auto& [name, value] : copy) EXPECT_TRUE(equal(value, state.at(name))) << name;
  }
  encoder.parameters()[0].detach().zero_();
  EXPECT_GT(encoder.state_dict().at("layers.1.self_attn.in_proj_weight").abs().sum().item<float>(),
            0);
}

}  // namespace
}  // namespace tessera::goldens
