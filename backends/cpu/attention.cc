// SPDX-License-Identifier: Apache-2.0
//
// A block of queries meets one tile of keys after another; an online softmax keeps each row's
// largest score and sum, and the output so far is scaled when the largest grows (Dao,
// FlashAttention-2, 2023). Scores live in a tile of scratch memory. Tiles are the same for any
// number of threads, and so are the bits.
#include "tessera/backends/cpu/attention.h"

#include <cmath>

#include "tessera/backends/cpu/attention_operands.h"

namespace tessera::cpu {
namespace attention {
namespace {

TsrStatus check_dtypes(const TsrNode& node, uint32_t inputs, uint32_t lse, TsrMessage* message) {
  const uint32_t dtype = node.outputs[0]->dtype, compute = compute_dtype(dtype);
  bool known = is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == (i == lse ? compute : dtype);
  }
  if (known && node.n_inputs > inputs) {
    const uint32_t mask = node.inputs[inputs]->dtype;
    known = mask == TSR_BOOL || mask == dtype || mask == compute;
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

TsrStatus check_forward(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = node.n_inputs == 4 ? 4 : 3;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 2, 3, 2, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  return check_dtypes(node, 3, 3, message);
}

// g, q, k, v, y, lse, [mask] -> dq, dk, dv
TsrStatus check_backward(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = node.n_inputs == 7 ? 7 : 6;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 3, 3, 2, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  return check_dtypes(node, 6, 5, message);
}

// The queries from i0 on of one batch. y and lse are those of query i0.
template <class T>
void forward_block(const Problem<T>& a, const KeyTiles<T>& k, int64_t batch, int64_t i0,
                   const Scratch<T>& scratch, T* y, T* lse) {
  const AttentionRows<T>& rows = attention_rows(T());
  const int64_t m = std::min(kQueries, a.queries - i0), end = a.key_end(i0 + m);
  const int64_t width = a.value_features;
  const T* const q = a.q.of(batch) + i0 * a.q.row;
  std::fill_n(scratch.state, m, OnlineSoftmax<T>());
  if (end == 0) std::fill_n(y, m * width, T(0));
  for (int64_t j0 = 0; j0 < end; j0 += kKeys) {
    const int64_t n = std::min(kKeys, end - j0);
    a.multiply(k.product(q, a.q.row, m, batch, j0, n, scratch.scores), scratch);
    for (int64_t i = 0; i < m; ++i) {
      const T factor = rows.softmax_step(a.row(batch, i0 + i, j0, n, scratch),
                                         scratch.scores + i * kKeys, &scratch.state[i]);
      if (j0 > 0 && factor != T(1)) rows.scale(y + i * width, width, factor);
    }
    a.multiply({m, width, n, scratch.scores, kKeys, 1, a.v.of(batch) + j0 * a.v.row, a.v.row, 1, y,
                width, nullptr, j0 > 0},
               scratch);
  }
  for (int64_t i = 0; i < m; ++i) {
    const OnlineSoftmax<T>& state = scratch.state[i];
    const bool dead = state.sum == T(0);
    rows.scale(y + i * width, width, dead ? T(0) : T(1) / state.sum);
    lse[i] = dead ? std::numeric_limits<T>::infinity() : state.largest + std::log(state.sum);
  }
}

template <class T>
void forward(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const Problem<T> a(work, node, 0, 3);
  const KeyTiles<T> k(stream, work, a.k, a.batches, a.queries, a.keys, a.features);
  T* const y = work.output<T>(*node.outputs[0]);
  T* const lse = work.output<T>(*node.outputs[1]);
  const int64_t blocks = (a.queries + kQueries - 1) / kQueries;
  a.for_each_task(stream, work, a.batches * blocks, [&](int64_t task, const Scratch<T>& scratch) {
    const int64_t batch = task / blocks, i0 = task % blocks * kQueries;
    const int64_t first = batch * a.queries + i0;
    forward_block(a, k, batch, i0, scratch, y + first * a.value_features, lse + first);
  });
}

TsrStatus run_forward(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[1]) == 0) return TSR_OK;
  Workspace work(stream, message);
  if (node.outputs[0]->dtype == TSR_FLOAT64) {
    forward<double>(stream, work, node);
  } else {
    forward<float>(stream, work, node);
  }
  work.finish();
  return TSR_OK;
}

}  // namespace
}  // namespace attention

std::span<const KernelEntry> attention_kernels() {
  static constexpr KernelEntry kEntries[] = {
      {"scaled_dot_product_attention",
       make_kernel<attention::check_forward, attention::run_forward>()},
      {"scaled_dot_product_attention_backward",
       make_kernel<attention::check_backward, attention::run_backward>()},
  };
  return kEntries;
}

}  // namespace tessera::cpu
