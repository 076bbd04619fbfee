// SPDX-License-Identifier: Apache-2.0
//
// The gradient of attention: every tile of scores is computed again from q, k and lse. Of many
// batches each is one task; of few, one pass makes the gradients of k and v by tiles of keys, and
// another that of q by blocks of queries, so that no two tasks add to one element.
#include "tessera/backends/cpu/attention_operands.h"

namespace tessera::cpu::attention {
namespace {

constexpr int64_t kManyBatches = 16;

template <class T>
struct Backward {
  Problem<T> a;
  Operand<T> g;
  KeyTiles<T> k, v;
  const T* lse;
  const T* mean;  // sum(g y) of every query
  T* dq;
  T* dk;
  T* dv;

  Backward(TsrStream* stream, Workspace& work, const TsrNode& node)
      : a(work, node, 1, 6),
        g(work, *node.inputs[0]),
        k(stream, work, a.k, a.batches, a.queries, a.keys, a.features),
        v(stream, work, a.v, a.batches, a.queries, a.keys, a.value_features),
        lse(work.dense<T>(*node.inputs[5])),
        dq(work.output<T>(*node.outputs[0])),
        dk(work.output<T>(*node.outputs[1])),
        dv(work.output<T>(*node.outputs[2])) {
    const Operand<T> y(work, *node.inputs[4]);
    T* const means = work.array<T>(a.batches * a.queries);
    mean = means;
    pool_of(stream).ranges(
        a.batches, (64 << 10) / (a.queries * a.value_features + 1) + 1,
        [&](size_t begin, size_t end) {
          for (int64_t b = static_cast<int64_t>(begin); b < static_cast<int64_t>(end); ++b) {
            for (int64_t i = 0; i < a.queries; ++i) {
              means[b * a.queries + i] = attention_rows(T()).dot(
                  g.of(b) + i * g.row, y.of(b) + i * y.row, a.value_features);
            }
          }
        },
        1);
  }

  // What queries i0 ... and keys j0 ... of a batch add to the gradients of q, and of k and v.
  void tile(int64_t batch, int64_t i0, int64_t j0, bool of_queries, bool of_keys,
            const Scratch<T>& scratch) const {
    const int64_t m = std::min(kQueries, a.queries - i0);
    const int64_t n = std::min(kKeys, a.key_end(i0 + m) - j0);
    if (n <= 0) return;
    const T* const q = a.q.of(batch) + i0 * a.q.row;
    const T* const gradient = g.of(batch) + i0 * g.row;
    T* const p = scratch.scores;
    T* const ds = scratch.gradients;
    a.multiply(k.product(q, a.q.row, m, batch, j0, n, p), scratch);
    a.multiply(v.product(gradient, g.row, m, batch, j0, n, ds), scratch);
    for (int64_t i = 0; i < m; ++i) {
      const int64_t query = batch * a.queries + i0 + i;
      attention_rows(T()).gradient(a.row(batch, i0 + i, j0, n, scratch), lse[query], mean[query],
                                   p + i * kKeys, ds + i * kKeys);
    }
    const int64_t features = a.features, width = a.value_features;
    const int64_t key = batch * a.keys + j0;
    if (of_keys) {
      a.multiply(
          {n, width, m, p, 1, kKeys, gradient, g.row, 1, dv + key * width, width, nullptr, true},
          scratch);
      a.multiply({n, features, m, ds, 1, kKeys, q, a.q.row, 1, dk + key * features, features,
                  nullptr, true},
                 scratch);
    }
    if (of_queries) {
      a.multiply({m, features, n, ds, kKeys, 1, a.k.of(batch) + j0 * a.k.row, a.k.row, 1,
                  dq + (batch * a.queries + i0) * features, features, nullptr, true},
                 scratch);
    }
  }

  void clear_queries(int64_t batch, int64_t i0, int64_t n) const {
    std::fill_n(dq + (batch * a.queries + i0) * a.features, n * a.features, T(0));
  }
  void clear_keys(int64_t batch, int64_t j0, int64_t n) const {
    std::fill_n(dk + (batch * a.keys + j0) * a.features, n * a.features, T(0));
    std::fill_n(dv + (batch * a.keys + j0) * a.value_features, n * a.value_features, T(0));
  }

  void run(TsrStream* stream, Workspace& work) const {
    if (a.batches >= kManyBatches) {
      a.for_each_task(stream, work, a.batches, [&](int64_t batch, const Scratch<T>& scratch) {
        clear_queries(batch, 0, a.queries);
        clear_keys(batch, 0, a.keys);
        for (int64_t j0 = 0; j0 < a.keys; j0 += kKeys) {
          for (int64_t i0 = 0; i0 < a.queries; i0 += kQueries) {
            tile(batch, i0, j0, true, true, scratch);
          }
        }
      });
      return;
    }
    const int64_t tiles = key_tiles(a.keys), blocks = (a.queries + kQueries - 1) / kQueries;
    a.for_each_task(stream, work, a.batches * tiles, [&](int64_t task, const Scratch<T>& scratch) {
      const int64_t batch = task / tiles, j0 = task % tiles * kKeys;
      clear_keys(batch, j0, std::min(kKeys, a.keys - j0));
      for (int64_t i0 = 0; i0 < a.queries; i0 += kQueries) {
        tile(batch, i0, j0, false, true, scratch);
      }
    });
    a.for_each_task(stream, work, a.batches * blocks, [&](int64_t task, const Scratch<T>& scratch) {
      const int64_t batch = task / blocks, i0 = task % blocks * kQueries;
      clear_queries(batch, i0, std::min(kQueries, a.queries - i0));
      for (int64_t j0 = 0; j0 < a.keys; j0 += kKeys) tile(batch, i0, j0, true, false, scratch);
    });
  }
};

}  // namespace

TsrStatus run_backward(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  if (node.outputs[0]->dtype == TSR_FLOAT64) {
    Backward<double>(stream, work, node).run(stream, work);
  } else {
    Backward<float>(stream, work, node).run(stream, work);
  }
  work.finish();
  return TSR_OK;
}

}  // namespace tessera::cpu::attention
