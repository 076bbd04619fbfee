// SPDX-License-Identifier: Apache-2.0
//
// The gradient of attention: every tile of scores is computed again from q, k and lse, once for the
// gradients of k and v by tiles of keys, and once for that of q by tiles of queries, so that no two
// blocks add to one element. With p = exp(score - lse), dp = (g v^T) z, z the factors of dropout,
// and mean = sum(g y) of a query:
//   ds = scale p (dp - mean); dv = (p z)^T g, dk = ds^T q, dq = ds k
#include <cmath>

#include "tessera/backends/cuda/attention_node.h"
#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/row_group.h"

namespace tessera::cuda::attention {
namespace {

constexpr uint32_t kSide = TileSums<float>::kSide;

// g (batches, queries, n) of any strides, y dense -> means (batches, queries); a warp for each
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    row_means(const T* g, const T* y, float* means, Matrix m, StridedPart<5> part, Divisor queries,
              uint64_t first_batch, uint32_t rows) {
  const uint32_t row = blockIdx.x * kRowWarps + threadIdx.x / kWarpSize;
  if (row >= rows) return;
  const uint32_t in_part = queries.quotient(row), query = row - in_part * queries.divisor;
  int64_t at[5];
  part.offsets_of(in_part, at);
  const int64_t to = first_batch * queries.divisor + row;
  float sum = 0;
  for (uint32_t c = threadIdx.x % kWarpSize; c < m.columns; c += kWarpSize) {
    sum += load(g[at[4] + query * m.row + c * m.column]) * load(y[to * m.columns + c]);
  }
  sum = reduce_lanes(sum, Add(), kWarpSize);
  if (threadIdx.x % kWarpSize == 0) means[to] = sum;
}

template <class T>
struct Operands {
  const T *q, *k, *v, *g;
  const float *lse, *means;  // dense
};

// Adds a left operand in shared memory times a matrix to out.
template <class T, uint32_t kColumns>
__device__ __forceinline__ void add_product(const ScoreTile& left, TileBuffers<float>& buffers,
                                            const T* x, const Matrix& m, uint32_t first_row,
                                            TileSums<float> (&out)[kColumns]) {
  TESSERA_UNROLL for (uint32_t c = 0; c < kColumns; ++c) {
    multiply_shared<AcrossDepth>(left.steps, buffers, kTile / kTileDepth, out[c],
                                 by_columns(x, m, first_row, c * kTile));
  }
}

// The rows from `first` on of a dense matrix (rows, columns).
template <class T, uint32_t kColumns>
__device__ __forceinline__ void write(const TileSums<float> (&sums)[kColumns], T* to,
                                      uint32_t first, uint32_t rows, uint32_t columns) {
  TESSERA_UNROLL for (uint32_t c = 0; c < kColumns; ++c) {
    sums[c].for_each([&](uint32_t i, uint32_t j, float sum) {
      const uint32_t row = first + i, column = c * kTile + j;
      if (row < rows && column < columns) to[int64_t{row} * columns + column] = store<T>(sum);
    });
  }
}

// Rows of a tile of scores are keys (of_keys), whose dk and dv the block makes, or queries, of
// which it makes dq. part: batches of (q, k, v, mask, g)
template <class T, uint32_t kColumns, bool of_keys>
__global__ void __launch_bounds__(kTileThreads)
    gradient_kernel(Operands<T> t, T* dq, T* dk, T* dv, Attention a, StridedPart<5> part,
                    uint64_t first_batch) {
  TESSERA_SHARED(TileBuffers<float>, buffers);
  TESSERA_SHARED(ScoreTile, left);
  const uint32_t rows = of_keys ? a.keys() : a.queries();
  const uint32_t tiles = tiles_of(rows);
  const uint32_t in_part = blockIdx.x / tiles;
  // With a causal mask the first keys and the last queries have the most work: they begin.
  const uint32_t tile = blockIdx.x % tiles, r0 = (of_keys ? tile : tiles - 1 - tile) * kTile;
  const uint64_t batch = first_batch + in_part;
  int64_t at[5];
  part.offsets_of(in_part, at);
  const T *const q = t.q + at[0], *const k = t.k + at[1], *const v = t.v + at[2],
                 *const g = t.g + at[4];

  TileSums<float> of_rows[kColumns], of_values[kColumns];  // dq or dk, and dv
  uint32_t c0 = 0, end = of_keys ? a.queries() : a.keys();
  if (a.causal) {
    if (of_keys) {
      c0 = r0;
    } else if (r0 + kTile < end) {
      end = r0 + kTile;
    }
  }
  for (; c0 < end; c0 += kTile) {
    TileSums<float> s, dp;
    const uint32_t i0 = of_keys ? c0 : r0, j0 = of_keys ? r0 : c0;
    const auto queries = by_rows(q, a.q, i0), keys = by_rows(k, a.k, j0);
    const auto gradients = by_rows(g, a.g, i0), values = by_rows(v, a.v, j0);
    if constexpr (of_keys) {
      multiply_tiles<AlongDepth>(buffers, steps_of(a.q.columns), s, keys, queries);
      multiply_tiles<AlongDepth>(buffers, steps_of(a.v.columns), dp, values, gradients);
    } else {
      multiply_tiles<AlongDepth>(buffers, steps_of(a.q.columns), s, queries, keys);
      multiply_tiles<AlongDepth>(buffers, steps_of(a.v.columns), dp, gradients, values);
    }
    TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
      TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) {
        const uint32_t row = TileSums<float>::first_row() + i, column = TileSums<float>::column(j);
        const uint32_t query = i0 + (of_keys ? column : row), key = j0 + (of_keys ? row : column);
        float p = 0, ds = 0;
        if (query < a.queries() && key < a.keys()) {
          const int64_t of = batch * a.queries() + query;
          const float z = a.factor(batch, query, key);
          p = std::exp(a.score<T>(s.sums[i][j], at[3], query, key) - t.lse[of]);
          ds = p * (dp.sums[i][j] * z - t.means[of]) * a.scale;
          p *= z;
        }
        s.sums[i][j] = p;
        dp.sums[i][j] = ds;
      }
    }
    if constexpr (of_keys) {
      left.put(s);
      add_product(left, buffers, g, a.g, c0, of_values);
    }
    left.put(dp);
    add_product(left, buffers, of_keys ? q : k, of_keys ? a.q : a.k, c0, of_rows);
  }
  if constexpr (of_keys) {
    write(of_rows, dk + batch * rows * a.k.columns, r0, rows, a.k.columns);
    write(of_values, dv + batch * rows * a.v.columns, r0, rows, a.v.columns);
  } else {
    write(of_rows, dq + batch * rows * a.q.columns, r0, rows, a.q.columns);
  }
}

}  // namespace

// g, q, k, v, y, lse, [mask] -> dq, dk, dv
void run_backward(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &q = *node.inputs[1], &k = *node.inputs[2],
                  &v = *node.inputs[3];
  const Attention a = attention_of(node, 1, 6);
  const TsrTensor& mask = node.n_inputs > 6 ? *node.inputs[6] : q;
  const void* y = dense_elements(launcher, *node.inputs[4]);
  const float* lse = static_cast<const float*>(dense_elements(launcher, *node.inputs[5]));
  float* means = launcher.scratch<float>(element_count(*node.inputs[5]));
  uint64_t first_batch = 0;
  StridedLoop<5>(batches_of(q), {&q, &k, &v, &mask, &g}).for_each_part([&](const auto& part) {
    with_floating(q.dtype, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      if constexpr (!std::is_same_v<T, double>) {
        const Operands<T> t = {data_of<T>(q), data_of<T>(k), data_of<T>(v),
                               data_of<T>(g), lse,           means};
        T *dq = data_of<T>(*node.outputs[0]), *dk = data_of<T>(*node.outputs[1]),
          *dv = data_of<T>(*node.outputs[2]);
        const uint32_t rows = part.count * a.q.rows;
        launcher.launch(row_means<T>, (rows + kRowWarps - 1) / kRowWarps, kRowThreads, t.g,
                        static_cast<const T*>(y), means, a.g, part,
                        Divisor(std::max<uint32_t>(1, a.q.rows)), first_batch, rows);
        const bool narrow = a.q.columns <= kTile && a.v.columns <= kTile;
        const auto of_keys = narrow ? gradient_kernel<T, 1, true> : gradient_kernel<T, 2, true>;
        const auto of_queries =
            narrow ? gradient_kernel<T, 1, false> : gradient_kernel<T, 2, false>;
        launcher.launch(of_keys, tiles_of(a.k.rows) * part.count, kTileThreads, t, dq, dk, dv, a,
                        part, first_batch);
        launcher.launch(of_queries, tiles_of(a.q.rows) * part.count, kTileThreads, t, dq, dk, dv, a,
                        part, first_batch);
      }
    });
    first_batch += part.count;
  });
}

}  // namespace tessera::cuda::attention
