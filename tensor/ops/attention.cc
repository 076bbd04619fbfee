// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/attention.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/attention_samples.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/softmax.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// ints: is_causal, seed, offset; doubles: scale, dropout_p
bool is_causal(const Attributes& a) { return a.ints[0] != 0; }
double scale_of(const Attributes& a) { return a.doubles[0]; }
double dropout_of(const Attributes& a) { return a.doubles[1]; }

// What the half types are computed in.
DType compute_dtype(DType dtype) {
  return dtype == kFloat16 || dtype == kBFloat16 ? kFloat32 : dtype;
}

Shape with_last(Shape shape, int64_t last) {
  shape[-1] = last;
  return shape;
}

// ---- Shapes and dtypes -------------------------------------------------------------------------

// q (B.., L, E), k (B.., S, E), v (B.., S, Ev) at inputs first, first + 1, first + 2, and a mask
// (B.., L, S) at `mask`, if there is one.
absl::Status check_operands(const InferContext& c, int first, int mask) {
  const int rank = c.shape(first).rank();
  TESSERA_RETURN_IF_ERROR(check_floating_point(c, first));
  for (int i = first; i < first + 3; ++i) {
    TESSERA_RETURN_IF_ERROR(check_same_dtype(c, first, i));
    if (c.shape(i).rank() != rank || rank < 2) {
      return c.invalid("wants equal ranks of at least 2, got ", c.shape(first).to_string(), " and ",
                       c.shape(i).to_string());
    }
  }
  const Shape &q = c.shape(first), &k = c.shape(first + 1), &v = c.shape(first + 2);
  bool fits = q[-1] == k[-1] && k[-2] == v[-2];
  for (int d = 0; d < rank - 2; ++d) fits = fits && q[d] == k[d] && q[d] == v[d];
  if (!fits) {
    return c.invalid("query (.., L, E), key (.., S, E) and value (.., S, Ev) do not fit: query ",
                     q.to_string(), ", key ", k.to_string(), ", value ", v.to_string());
  }
  const double p = dropout_of(c.attributes());
  if (!(p >= 0 && p <= 1)) return c.invalid("dropout_p is ", p, ", not in [0, 1]");
  if (!c.has_input(mask)) return absl::OkStatus();
  if (is_causal(c.attributes())) {
    return c.invalid("attn_mask and is_causal are given; put both in the mask");
  }
  const DType dtype = c.dtype(mask);
  if (dtype != kBool && dtype != c.dtype(first) && dtype != compute_dtype(c.dtype(first))) {
    return c.invalid("attn_mask must be bool or ", dtype_name(c.dtype(first)), ", got ",
                     dtype_name(dtype));
  }
  if (const Shape scores = with_last(q, k[-2]); c.shape(mask) != scores) {
    return c.invalid("attn_mask has shape ", c.shape(mask).to_string(), ", scores ",
                     scores.to_string());
  }
  return absl::OkStatus();
}

Shape without_last(const Shape& shape) {
  return Shape(absl::Span<const int64_t>(shape.data(), shape.size() - 1));
}

absl::Status infer_forward(InferContext& c) {
  TESSERA_RETURN_IF_ERROR(check_operands(c, 0, 3));
  c.add_output(c.dtype(0), with_last(c.shape(0), c.shape(2)[-1]));
  c.add_output(compute_dtype(c.dtype(0)), without_last(c.shape(0)));
  return absl::OkStatus();
}

absl::Status infer_backward(InferContext& c) {
  TESSERA_RETURN_IF_ERROR(check_operands(c, 1, 6));
  const Shape y = with_last(c.shape(1), c.shape(3)[-1]);
  for (int i : {0, 4}) {
    TESSERA_RETURN_IF_ERROR(check_same_dtype(c, i, 1));
    if (c.shape(i) != y) {
      return c.invalid("gradient and output have shapes ", c.shape(0).to_string(), " and ",
                       c.shape(4).to_string(), ", expected ", y.to_string());
    }
  }
  TESSERA_RETURN_IF_ERROR(check_dtype(c, 5, compute_dtype(c.dtype(1)), "logsumexp"));
  if (c.shape(5) != without_last(y)) {
    return c.invalid("logsumexp has shape ", c.shape(5).to_string(), ", expected ",
                     without_last(y).to_string());
  }
  for (int i = 1; i < 4; ++i) c.add_output(c.dtype(i), c.shape(i));
  return absl::OkStatus();
}

// ---- The parts of the composition --------------------------------------------------------------

// q k^T scale, plus the mask
Tensor scores_of(const Tensor& q, const Tensor& k, const Tensor& mask, const Attributes& a) {
  Tensor scores = matmul(q, transpose(k, -1, -2)) * scale_of(a);
  if (is_causal(a)) {
    const TensorOptions options = {.dtype = kInt64, .device = q.device()};
    Tensor i = unsqueeze(arange(q.size(-2), options), 1), j = arange(k.size(-2), options);
    return where(j <= i, scores, -kInfinity);
  }
  if (!mask.defined()) return scores;
  if (mask.dtype() == kBool) return where(mask, scores, -kInfinity);
  return scores + mask.to(scores.dtype());
}

// The softmax of each row; zeros for a row of -inf.
Tensor probabilities(const Tensor& scores) {
  if (scores.size(-1) == 0) return scores;
  Tensor dead = amax(scores, {-1}, true) == -kInfinity;
  return where(dead, 0, softmax(where(dead, 0, scores), -1));
}

// What dropout multiplies each probability by; undefined without dropout.
Tensor dropout_factors(const Tensor& scores, const Attributes& a) {
  const double p = dropout_of(a);
  if (p == 0) return {};
  Generator generator = {static_cast<uint64_t>(a.ints[1]), static_cast<uint64_t>(a.ints[2])};
  Tensor draws = rand(scores.shape(), {.dtype = kFloat32, .device = scores.device()}, &generator);
  return (draws >= p).to(scores.dtype()) * (p == 1 ? 0 : 1 / (1 - p));
}

Tensor times(const Tensor& x, const Tensor& factors) { return factors.defined() ? x * factors : x; }

Tensor cast(const Tensor& x) { return x.to(compute_dtype(x.dtype())); }
Tensor optional_input(TensorRefs in, size_t i) { return in.size() > i ? *in[i] : Tensor(); }

std::vector<Tensor> forward_decomposed(TensorRefs in, const Attributes& a) {
  const Tensor q = cast(*in[0]), k = cast(*in[1]), v = cast(*in[2]);
  Tensor scores = scores_of(q, k, optional_input(in, 3), a);
  Tensor p = times(probabilities(scores), dropout_factors(scores, a));
  Tensor y = matmul(p, v).to(in[0]->dtype());
  if (scores.numel() == 0) {
    return {y, full(without_last(scores.shape()), kInfinity,
                    {.dtype = scores.dtype(), .device = scores.device()})};
  }
  Tensor largest = amax(scores, {-1}, true);
  Tensor dead = largest == -kInfinity;
  Tensor lse =
      where(dead, kInfinity,
            log(sum(exp(scores - where(dead, 0, largest)), {-1}, true)) + where(dead, 0, largest));
  return {y, squeeze(lse, -1)};
}

Tensor transposed(const Tensor& x) { return transpose(x, -1, -2); }

// p = exp(scores - lse); dv = (p z)^T g; dp = (g v^T) z; ds = p (dp - sum(g y)) scale;
// dq = ds k; dk = ds^T q, where z is the factors of dropout.
std::vector<Tensor> backward_decomposed(TensorRefs in, const Attributes& a) {
  const Tensor g = cast(*in[0]), q = cast(*in[1]), k = cast(*in[2]), v = cast(*in[3]),
               y = cast(*in[4]);
  Tensor scores = scores_of(q, k, optional_input(in, 6), a);
  Tensor z = dropout_factors(scores, a);
  Tensor p = exp(scores - unsqueeze(*in[5], -1));
  Tensor dp = times(matmul(g, transposed(v)), z);
  Tensor ds = p * (dp - sum(g * y, {-1}, true)) * scale_of(a);
  const DType dtype = in[0]->dtype();
  return {matmul(ds, k).to(dtype), matmul(transposed(ds), q).to(dtype),
          matmul(transposed(times(p, z)), g).to(dtype)};
}

std::vector<Tensor> attention_backward(const Tensor& g, const Tensor& q, const Tensor& k,
                                       const Tensor& v, const Tensor& y, const Tensor& lse,
                                       const Tensor& mask, const Attributes& a);

// The gradient for the scores (and so for a mask): p (dp - sum(dp p)).
Tensor score_gradient(const Tensor& g, const Tensor& q, const Tensor& k, const Tensor& v,
                      const Tensor& mask, const Attributes& a) {
  Tensor scores = scores_of(cast(q), cast(k), mask, a);
  Tensor p = probabilities(scores);
  Tensor dp = times(matmul(cast(g), transposed(cast(v))), dropout_factors(scores, a));
  return p * (dp - sum(dp * p, {-1}, true));
}

void forward_vjp(VjpContext& c) {
  const Tensor &q = c.input(0), &k = c.input(1), &v = c.input(2);
  const Tensor mask = c.num_inputs() > 3 ? c.input(3) : Tensor();
  const Tensor g = c.grad();
  if (c.needs(0) || c.needs(1) || c.needs(2)) {
    std::vector<Tensor> gradients =
        attention_backward(g, q, k, v, c.output(0), c.output(1), mask, c.attributes());
    for (int i = 0; i < 3; ++i) c.set(i, gradients[i]);
  }
  if (c.num_inputs() > 3 && c.needs(3)) {
    c.set(3, score_gradient(g, q, k, v, mask, c.attributes()).to(mask.dtype()));
  }
}

// With y and lse functions of q, k, v and the mask, and cotangents hq, hk, hv of dq, dk, dv. The
// cotangent of ds is w = (hq k^T + q hk^T) scale; of dp: u = p (w - sum(w p)); of p:
// (g hv^T) z + w (dp - sum(dp p)) - dp sum(w p), which goes through the softmax to the scores.
void backward_vjp(VjpContext& c) {
  const Attributes& a = c.attributes();
  const Tensor g = cast(c.input(0)), q = cast(c.input(1)), k = cast(c.input(2)),
               v = cast(c.input(3));
  const bool has_mask = c.num_inputs() > 6;
  const Tensor hq = cast(c.grad(0)), hk = cast(c.grad(1)), hv = cast(c.grad(2));
  Tensor scores = scores_of(q, k, has_mask ? c.input(6) : Tensor(), a);
  Tensor p = probabilities(scores), z = dropout_factors(scores, a);
  Tensor dp = times(matmul(g, transposed(v)), z);
  auto along_row = [](const Tensor& x) { return sum(x, {-1}, true); };
  Tensor below = dp - along_row(dp * p);
  Tensor ds = p * below * scale_of(a);
  Tensor w = (matmul(hq, transposed(k)) + matmul(q, transposed(hk))) * scale_of(a);
  Tensor w_mean = along_row(w * p);
  Tensor u = times(p * (w - w_mean), z);
  const DType dtype = c.input_spec(0).dtype;
  if (c.needs(0)) c.set(0, (matmul(times(p, z), hv) + matmul(u, v)).to(dtype));
  if (c.needs(3)) c.set(3, matmul(transposed(u), g).to(dtype));
  Tensor of_p = times(matmul(g, transposed(hv)), z) + w * below - dp * w_mean;
  Tensor of_scores = p * (of_p - along_row(of_p * p));
  Tensor r = of_scores * scale_of(a);
  if (c.needs(1)) c.set(1, (matmul(r, k) + matmul(ds, hk)).to(dtype));
  if (c.needs(2)) c.set(2, (matmul(transposed(r), q) + matmul(transposed(ds), hq)).to(dtype));
  if (has_mask && c.needs(6)) c.set(6, of_scores.to(c.input_spec(6).dtype));
}

// ---- The ops -----------------------------------------------------------------------------------

// q, k, v, [mask] -> y, lse (B.., L): the logarithm of the sum of each row's exponentials, inf
// where no key is left
const OpDef kAttention = {
    .name = "scaled_dot_product_attention",
    .infer = infer_forward,
    .vjp = forward_vjp,
    .decompose = forward_decomposed,
    .saved_inputs = kSaveAll,
    .saved_outputs = 3,
    .auxiliary_outputs = 2,
    .random_ints = 1,
    .samples = attention_samples,
};

// g, q, k, v, y, lse, [mask] -> the gradients for q, k and v
const OpDef kAttentionBackward = {
    .name = "scaled_dot_product_attention_backward",
    .infer = infer_backward,
    .vjp = backward_vjp,
    .decompose = backward_decomposed,
    .saved_inputs = 0b1001111,
    .random_ints = 1,
    .samples = attention_backward_samples,
};

std::vector<Tensor> attention_backward(const Tensor& g, const Tensor& q, const Tensor& k,
                                       const Tensor& v, const Tensor& y, const Tensor& lse,
                                       const Tensor& mask, const Attributes& a) {
  const Tensor* inputs[] = {&g, &q, &k, &v, &y, &lse, &mask};
  return dispatch_all(kAttentionBackward, TensorRefs(inputs, mask.defined() ? 7 : 6), a);
}

template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  raise_op_error(kAttention.name, absl::InvalidArgumentError(absl::StrCat(parts...)));
}

// The leading dimensions that q, k and v broadcast to.
Shape batch_of(const Tensor& q, const Tensor& k, const Tensor& v) {
  Shape batch;
  for (const Tensor* x : {&q, &k, &v}) {
    const Shape& shape = x->shape();
    if (shape.rank() < 2) {
      refuse("query, key and value must have at least 2 dimensions, got ", q.shape().to_string(),
             ", ", k.shape().to_string(), " and ", v.shape().to_string());
    }
    absl::StatusOr<Shape> next =
        broadcast_shapes(batch, Shape(absl::Span<const int64_t>(shape.data(), shape.size() - 2)));
    if (!next.ok()) raise_op_error(kAttention.name, next.status());
    batch = *std::move(next);
  }
  return batch;
}

Tensor expand_batch(const Tensor& x, const Shape& batch) {
  Shape shape = batch;
  shape.push_back(x.size(-2));
  shape.push_back(x.size(-1));
  return x.shape() == shape ? x : expand(x, shape);
}

Tensor expand_mask(const Tensor& mask, const Shape& scores) {
  if (mask.shape() == scores) return mask;
  absl::StatusOr<Shape> shape = broadcast_shapes(mask.shape(), scores);
  if (mask.dim() < 2 || !shape.ok() || *shape != scores) {
    refuse("attn_mask ", mask.shape().to_string(), " does not broadcast to the scores ",
           scores.to_string());
  }
  return expand(mask, scores);
}

// Query heads (.., H, L, E) as (.., Hk, H / Hk, L, E), next to key heads (.., Hk, 1, S, E).
Tensor grouped(const Tensor& q, const Tensor& k, const Tensor& v,
               const ScaledDotProductAttentionOptions& o) {
  if (q.dim() < 3 || k.dim() < 3 || v.dim() < 3) {
    refuse("enable_gqa wants at least 3 dimensions, got ", q.shape().to_string(), ", ",
           k.shape().to_string(), " and ", v.shape().to_string());
  }
  const int64_t heads = q.size(-3), groups = k.size(-3);
  if (groups != v.size(-3) || groups == 0 || heads % groups != 0) {
    refuse("enable_gqa wants equal heads of key and value that divide the query's, got ", groups,
           ", ", v.size(-3), " and ", heads);
  }
  ScaledDotProductAttentionOptions inner = o;
  inner.enable_gqa = false;
  if (o.attn_mask.defined()) {
    Shape scores = with_last(q.shape(), k.size(-2));
    inner.attn_mask =
        unflatten(expand_mask(o.attn_mask, scores), scores.rank() - 3, {groups, heads / groups});
  }
  Tensor y = scaled_dot_product_attention(unflatten(q, -3, {groups, heads / groups}),
                                          unsqueeze(k, -3), unsqueeze(v, -3), inner);
  return flatten(y, -4, -3);
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const ScaledDotProductAttentionOptions& o) {
  if (o.enable_gqa) return grouped(query, key, value, o);
  const Shape batch = batch_of(query, key, value);
  Tensor q = expand_batch(query, batch), k = expand_batch(key, batch),
         v = expand_batch(value, batch);
  const int64_t length = std::max<int64_t>(1, q.size(-1));
  Attributes a({o.is_causal ? 1 : 0, 0, 0},
               {o.scale.value_or(1 / std::sqrt(static_cast<double>(length))), o.dropout_p});
  if (o.dropout_p > 0) {
    Generator place = take_random(batch.numel() * q.size(-2) * k.size(-2));
    a.ints[1] = static_cast<int64_t>(place.seed);
    a.ints[2] = static_cast<int64_t>(place.offset);
  }
  if (!o.attn_mask.defined()) {
    const Tensor* inputs[] = {&q, &k, &v};
    return dispatch_all(kAttention, inputs, a)[0];
  }
  Tensor mask = expand_mask(o.attn_mask, with_last(q.shape(), k.size(-2)));
  const Tensor* inputs[] = {&q, &k, &v, &mask};
  return dispatch_all(kAttention, inputs, a)[0];
}

absl::Span<const OpDef* const> attention_ops() {
  static const OpDef* const kOps[] = {&kAttention, &kAttentionBackward};
  return kOps;
}

}  // namespace tessera
