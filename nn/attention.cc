// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/attention.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional.h"
#include "tessera/nn/init.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/attention.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/softmax.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  raise_op_error("multi_head_attention", absl::InvalidArgumentError(what));
}

// As what is added to scores.
Tensor additive(const Tensor& mask, DType dtype) {
  if (mask.dtype() != kBool) return mask.to(dtype);
  const Tensor none = zeros({}, {.dtype = dtype, .device = mask.device()});
  return where(mask, -std::numeric_limits<double>::infinity(), none);
}

// A mask with one column more, which hides nothing.
Tensor widened(const Tensor& mask) { return mask.defined() ? pad(mask, {0, 1}) : mask; }

void check_mask(const char* name, const Tensor& mask) {
  if (mask.dtype() == kBool || mask.is_floating_point()) return;
  refuse(absl::StrCat(name, " must be bool or floating point, got ", dtype_name(mask.dtype())));
}

// key_padding_mask (N, S) and attn_mask (L, S) or (N heads, L, S), either may be undefined, as one
// that broadcasts to (N, heads, L, S): bool, true where hidden, if both are; otherwise additive.
Tensor merged_mask(const Tensor& padding, const Tensor& mask, const Shape& scores, DType dtype) {
  const int64_t n = scores[0], heads = scores[1], l = scores[2], s = scores[3];
  Tensor keys, queries;
  if (padding.defined()) {
    check_mask("key_padding_mask", padding);
    if (padding.shape() != Shape{n, s}) {
      refuse(absl::StrCat("key_padding_mask has shape ", padding.shape().to_string(), ", expected ",
                          Shape{n, s}.to_string()));
    }
    keys = reshape(padding, {n, 1, 1, s});
  }
  if (mask.defined()) {
    check_mask("attn_mask", mask);
    if (mask.shape() == Shape{l, s}) {
      queries = mask;
    } else if (mask.shape() == Shape{n * heads, l, s}) {
      queries = reshape(mask, scores);
    } else {
      refuse(absl::StrCat("attn_mask has shape ", mask.shape().to_string(), ", expected ",
                          Shape{l, s}.to_string(), " or ", Shape{n * heads, l, s}.to_string()));
    }
  }
  if (!keys.defined()) return queries;
  if (!queries.defined()) return keys;
  if (keys.dtype() == kBool && queries.dtype() == kBool) return logical_or(keys, queries);
  return additive(keys, dtype) + additive(queries, dtype);
}

// True where a key comes after its query.
Tensor future(int64_t l, int64_t s, const Device& device) {
  const TensorOptions as = {.dtype = kInt64, .device = device};
  return arange(s, as) > unsqueeze(arange(l, as), 1);
}

}  // namespace

MultiheadAttention::MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                                       const MultiheadAttentionOptions& options)
    : embed_dim_(embed_dim),
      num_heads_(num_heads),
      options_(options),
      out_proj_(
          add("out_proj",
              Linear(embed_dim, embed_dim,
                     {.bias = options.bias, .dtype = options.dtype, .device = options.device}))) {
  if (embed_dim < 1 || num_heads < 1 || embed_dim % num_heads != 0) {
    raise(absl::InvalidArgumentError(absl::StrCat("MultiheadAttention: embed_dim is ", embed_dim,
                                                  ", which is not a multiple of num_heads, ",
                                                  num_heads)));
  }
  if (!(options.dropout >= 0 && options.dropout <= 1)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("MultiheadAttention: dropout is ", options.dropout, ", not in [0, 1]")));
  }
  const TensorOptions as = {.dtype = options.dtype, .device = options.device};
  const int64_t kdim = options.kdim.value_or(embed_dim), vdim = options.vdim.value_or(embed_dim);
  const bool is_one = kdim == embed_dim && vdim == embed_dim;
  auto parameter = [&](const char* name, bool wanted, const Shape& shape) {
    return add_parameter(name, wanted ? empty(shape, as) : Tensor());
  };
  q_proj_weight = parameter("q_proj_weight", !is_one, {embed_dim, embed_dim});
  k_proj_weight = parameter("k_proj_weight", !is_one, {embed_dim, kdim});
  v_proj_weight = parameter("v_proj_weight", !is_one, {embed_dim, vdim});
  in_proj_weight = parameter("in_proj_weight", is_one, {3 * embed_dim, embed_dim});
  in_proj_bias = parameter("in_proj_bias", options.bias, {3 * embed_dim});
  bias_k = parameter("bias_k", options.add_bias_kv, {1, 1, embed_dim});
  bias_v = parameter("bias_v", options.add_bias_kv, {1, 1, embed_dim});
  reset_parameters();
}

void MultiheadAttention::reset_parameters() {
  for (const Tensor& weight : {q_proj_weight, k_proj_weight, v_proj_weight, in_proj_weight}) {
    if (weight.defined()) init::xavier_uniform_(weight);
  }
  if (in_proj_bias.defined()) {
    init::zeros_(in_proj_bias);
    init::zeros_(out_proj_.bias);
  }
  for (const Tensor& bias : {bias_k, bias_v}) {
    if (bias.defined()) init::xavier_normal_(bias);
  }
}

void MultiheadAttention::check_inputs(const Tensor& query, const Tensor& key,
                                      const Tensor& value) const {
  const int64_t kdim = options_.kdim.value_or(embed_dim_);
  const int64_t vdim = options_.vdim.value_or(embed_dim_);
  const int batch_dim = options_.batch_first ? 0 : 1, step_dim = 1 - batch_dim;
  bool fits = query.dim() == 3 && key.dim() == 3 && value.dim() == 3;
  fits = fits && query.size(2) == embed_dim_ && key.size(2) == kdim && value.size(2) == vdim;
  fits = fits && key.size(batch_dim) == query.size(batch_dim) &&
         value.size(batch_dim) == query.size(batch_dim);
  if (fits && key.size(step_dim) == value.size(step_dim)) return;
  const std::string front = options_.batch_first ? "(N, " : "(";
  const std::string back = options_.batch_first ? "" : "N, ";
  refuse(absl::StrCat("query has shape ", query.shape().to_string(), ", key ",
                      key.shape().to_string(), ", value ", value.shape().to_string(), "; expected ",
                      front, "L, ", back, embed_dim_, "), ", front, "S, ", back, kdim, "), ", front,
                      "S, ", back, vdim, "), or without N"));
}

MultiheadAttention::Projected MultiheadAttention::project(const Tensor& query, const Tensor& key,
                                                          const Tensor& value) const {
  const int64_t e = embed_dim_;
  auto bias = [&](int64_t k, int64_t count) {
    return in_proj_bias.defined() ? narrow(in_proj_bias, 0, k * e, count * e) : Tensor();
  };
  if (!in_proj_weight.defined()) {
    return {linear(query, q_proj_weight, bias(0, 1)), linear(key, k_proj_weight, bias(1, 1)),
            linear(value, v_proj_weight, bias(2, 1))};
  }
  auto weight = [&](int64_t k, int64_t count) {
    return narrow(in_proj_weight, 0, k * e, count * e);
  };
  if (key.is_same(value)) {
    // Products with the same input are one product.
    if (query.is_same(key)) {
      const std::vector<Tensor> part = chunk(linear(query, in_proj_weight, in_proj_bias), 3, -1);
      return {part[0], part[1], part[2]};
    }
    const std::vector<Tensor> part = chunk(linear(key, weight(1, 2), bias(1, 2)), 2, -1);
    return {linear(query, weight(0, 1), bias(0, 1)), part[0], part[1]};
  }
  return {linear(query, weight(0, 1), bias(0, 1)), linear(key, weight(1, 1), bias(1, 1)),
          linear(value, weight(2, 1), bias(2, 1))};
}

AttentionResult MultiheadAttention::forward(const Tensor& query, const Tensor& key,
                                            const Tensor& value, const AttentionOptions& options) {
  const int64_t batch_dim = options_.batch_first ? 0 : 1;
  if (query.dim() == 2) {
    // What is one tensor stays one, for the sake of one product.
    auto with_batch = [&](const Tensor& x) { return x.dim() == 2 ? unsqueeze(x, batch_dim) : x; };
    const Tensor q = with_batch(query);
    const Tensor k = key.is_same(query) ? q : with_batch(key);
    const Tensor v = value.is_same(key) ? k : with_batch(value);
    AttentionOptions batched = options;
    if (options.key_padding_mask.defined()) {
      batched.key_padding_mask = unsqueeze(options.key_padding_mask, 0);
    }
    const AttentionResult r = forward(q, k, v, batched);
    return {squeeze(r.output, batch_dim), r.weights.defined() ? squeeze(r.weights, 0) : r.weights};
  }
  check_inputs(query, key, value);
  auto [q, k, v] = project(query, key, value);

  // (L, N, E), or (N, L, E), to (N, heads, L, E / heads).
  auto by_heads = [&](const Tensor& x) {
    const Tensor parts = unflatten(x, -1, {num_heads_, embed_dim_ / num_heads_});
    return options_.batch_first ? permute(parts, {0, 2, 1, 3}) : permute(parts, {1, 2, 0, 3});
  };
  Tensor padding = options.key_padding_mask, mask = options.attn_mask;
  const bool adds_keys = bias_k.defined() || options_.add_zero_attn;
  const bool is_future_hidden = options.is_causal && !mask.defined();
  if (is_future_hidden && (options.need_weights || padding.defined() || adds_keys)) {
    mask = future(query.size(1 - batch_dim), key.size(1 - batch_dim), query.device());
  }
  q = by_heads(q);
  if (bias_k.defined()) {
    const int64_t step_dim = 1 - batch_dim, n = query.size(batch_dim);
    Shape one = {1, 1, embed_dim_};
    one[static_cast<int>(batch_dim)] = n;
    k = cat({k, expand(bias_k, one)}, step_dim);
    v = cat({v, expand(bias_v, one)}, step_dim);
    padding = widened(padding);
    mask = widened(mask);
  }
  k = by_heads(k);
  v = by_heads(v);
  if (options_.add_zero_attn) {
    k = pad(k, {0, 0, 0, 1});
    v = pad(v, {0, 0, 0, 1});
    padding = widened(padding);
    mask = widened(mask);
  }
  const Shape scores_shape = {q.size(0), num_heads_, q.size(2), k.size(2)};
  const double dropout = is_training() ? options_.dropout : 0;

  AttentionResult result;
  Tensor heads;
  if (options.need_weights) {
    const Tensor hidden = merged_mask(padding, mask, scores_shape, q.dtype());
    const double scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
    Tensor scores = matmul(q * scale, transpose(k, -1, -2));
    if (hidden.defined()) scores = scores + additive(hidden, q.dtype());
    const Tensor weights = functional::dropout(softmax(scores, -1), dropout);
    heads = matmul(weights, v);
    result.weights = options.average_attn_weights ? mean(weights, {1}) : weights;
  } else {
    const bool causal = options.is_causal && !padding.defined() && !adds_keys;
    Tensor seen = causal ? Tensor() : merged_mask(padding, mask, scores_shape, q.dtype());
    if (seen.defined() && seen.dtype() == kBool) seen = logical_not(seen);
    heads = scaled_dot_product_attention(
        q, k, v, {.attn_mask = seen, .dropout_p = dropout, .is_causal = causal});
  }
  const Tensor joined =
      options_.batch_first ? permute(heads, {0, 2, 1, 3}) : permute(heads, {2, 0, 1, 3});
  result.output = out_proj_(flatten(joined, -2, -1));
  return result;
}

}  // namespace tessera::nn
