// SPDX-License-Identifier: Apache-2.0
//
// A block has kTile queries and meets one tile of keys after another; an online softmax keeps each
// row's largest score and sum, and the output so far, in registers, is scaled when the largest
// grows. Scores are never in memory.
//   source: Dao: FlashAttention-2 (2023)
#include <cmath>

#include "tessera/backends/cuda/attention.h"
#include "tessera/backends/cuda/attention_node.h"
#include "tessera/backends/cuda/row_group.h"

namespace tessera::cuda {
namespace attention {
namespace {

constexpr uint32_t kSide = TileSums<float>::kSide;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

// What the threads of a row's two warps found.
using RowParts = float[2][kTile];

// Combines values of a thread's rows over the 16 threads that have the row.
template <class Op>
__device__ __forceinline__ void reduce_rows(float (&values)[kSide], RowParts& parts, Op op) {
  const uint32_t row = TileSums<float>::first_row();
  TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
    values[i] = reduce_lanes(values[i], op, 8);
    if (threadIdx.x % 8 == 0) parts[threadIdx.x / kWarpSize % 2][row + i] = values[i];
  }
  __syncthreads();
  TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) values[i] =
      op(parts[0][row + i], parts[1][row + i]);
}

// y, lse: dense, from batch first_batch on; part: batches of (q, k, v, mask)
template <class T, uint32_t kColumns>
__global__ void __launch_bounds__(kTileThreads)
    attention_kernel(const T* q, const T* k, const T* v, T* y, float* lse, Attention a,
                     StridedPart<4> part, uint64_t first_batch) {
  TESSERA_SHARED(TileBuffers<float>, buffers);
  TESSERA_SHARED(ScoreTile, probabilities);
  TESSERA_SHARED(RowParts, maxima);
  TESSERA_SHARED(RowParts, totals);
  const uint32_t tiles = tiles_of(a.queries());
  const uint32_t in_part = blockIdx.x / tiles;
  // With a causal mask the last queries have the most work: they begin.
  const uint32_t i0 = (tiles - 1 - blockIdx.x % tiles) * kTile;
  const uint64_t batch = first_batch + in_part;
  int64_t at[4];
  part.offsets_of(in_part, at);

  TileSums<float> out[kColumns];
  float largest[kSide], sum[kSide] = {};
  TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) largest[i] = kNothing;
  const uint32_t end = a.causal && i0 + kTile < a.keys() ? i0 + kTile : a.keys();
  const uint32_t row = TileSums<float>::first_row();
  for (uint32_t j0 = 0; j0 < end; j0 += kTile) {
    TileSums<float> s;
    multiply_tiles<AlongDepth>(buffers, steps_of(a.q.columns), s, by_rows(q + at[0], a.q, i0),
                               by_rows(k + at[1], a.k, j0));
    float best[kSide], factor[kSide], shift[kSide], more[kSide] = {};
    TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
      best[i] = largest[i];
      TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) {
        float& score = s.sums[i][j];
        score = a.score<T>(score, at[3], i0 + row + i, j0 + TileSums<float>::column(j));
        best[i] = Largest()(best[i], score);
      }
    }
    reduce_rows(best, maxima, Largest());
    TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
      // Where all is -inf so far, probabilities are 0, not nan.
      shift[i] = best[i] == kNothing ? 0.0f : best[i];
      factor[i] = best[i] == largest[i] ? 1.0f : std::exp(largest[i] - shift[i]);
      largest[i] = best[i];
      TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) {
        const uint32_t column = TileSums<float>::column(j);
        const float p = std::exp(s.sums[i][j] - shift[i]);
        more[i] += p;
        s.sums[i][j] = p * a.factor(batch, i0 + row + i, j0 + column);
      }
    }
    probabilities.put(s);
    reduce_rows(more, totals, Add());
    TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) sum[i] = sum[i] * factor[i] + more[i];
    TESSERA_UNROLL for (uint32_t c = 0; c < kColumns; ++c) {
      TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
        TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) out[c].sums[i][j] *= factor[i];
      }
      multiply_shared<AcrossDepth>(probabilities.steps, buffers, kTile / kTileDepth, out[c],
                                   by_columns(v + at[2], a.v, j0, c * kTile));
    }
  }

  TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) {
    const uint32_t query = i0 + row + i;
    if (query >= a.queries()) continue;
    const int64_t to = batch * a.queries() + query;
    const bool dead = sum[i] == 0;
    const float scale = dead ? 0.0f : 1 / sum[i];
    TESSERA_UNROLL for (uint32_t c = 0; c < kColumns; ++c) {
      TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) {
        const uint32_t column = c * kTile + TileSums<float>::column(j);
        if (column < a.v.columns) {
          y[to * a.v.columns + column] = store<T>(out[c].sums[i][j] * scale);
        }
      }
    }
    if (threadIdx.x % 8 == 0 && threadIdx.x / kWarpSize % 2 == 0) {
      lse[to] = dead ? -kNothing : largest[i] + std::log(sum[i]);
    }
  }
}

// ---- Nodes --------------------------------------------------------------------------------------

TsrStatus check_operands(const TsrNode& node, uint32_t first, uint32_t inputs, uint32_t lse,
                         TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = plugin::is_floating(dtype) && dtype != TSR_FLOAT64;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == (i == lse ? uint32_t{TSR_FLOAT32} : dtype);
  }
  if (node.n_inputs > inputs) {
    const uint32_t mask = node.inputs[inputs]->dtype;
    known = known && (mask == TSR_BOOL || mask == dtype || mask == TSR_FLOAT32);
  }
  if (!known) return unsupported(node, "combination of dtypes", message);
  const TsrTensor &q = *node.inputs[first], &v = *node.inputs[first + 2];
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  const uint32_t last = q.rank - 1;
  const bool fits = element_count(q) <= kMost && element_count(v) <= kMost &&
                    q.shape[last - 1] <= kMost / 2 && v.shape[last - 1] <= kMost / 2 &&
                    v.shape[last] <= kMostColumns * kTile &&
                    (first == 0 || q.shape[last] <= kMostColumns * kTile);
  return fits ? TSR_OK : unsupported(node, "size", message);
}

// q, k, v, [mask] -> y, lse
TsrStatus check_forward(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = node.n_inputs == 4 ? 4 : 3;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 2, 3, 2, message));
  return check_operands(node, 0, 3, 3, message);
}
// g, q, k, v, y, lse, [mask] -> dq, dk, dv
TsrStatus check_backward(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = node.n_inputs == 7 ? 7 : 6;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 3, 3, 2, message));
  return check_operands(node, 1, 6, 5, message);
}

void run_forward(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &q = *node.inputs[0], &k = *node.inputs[1], &v = *node.inputs[2],
                  &y = *node.outputs[0], &lse = *node.outputs[1];
  if (element_count(lse) == 0) return;
  const Attention a = attention_of(node, 0, 3);
  const TsrTensor& mask = node.n_inputs > 3 ? *node.inputs[3] : q;
  uint64_t first_batch = 0;
  StridedLoop<4>(batches_of(q), {&q, &k, &v, &mask}).for_each_part([&](const auto& part) {
    with_floating(y.dtype, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      if constexpr (!std::is_same_v<T, double>) {
        const auto kernel = a.v.columns <= kTile ? attention_kernel<T, 1> : attention_kernel<T, 2>;
        launcher.launch(kernel, tiles_of(a.q.rows) * part.count, kTileThreads, data_of<T>(q),
                        data_of<T>(k), data_of<T>(v), data_of<T>(y), data_of<float>(lse), a, part,
                        first_batch);
      }
    });
    first_batch += part.count;
  });
}

Matrix matrix_of(const TsrTensor& t) {
  const uint32_t r = t.rank - 2, c = t.rank - 1;
  return {t.strides[r], t.strides[c], static_cast<uint32_t>(t.shape[r]),
          static_cast<uint32_t>(t.shape[c])};
}

}  // namespace

Attention attention_of(const TsrNode& node, uint32_t first, uint32_t mask_input) {
  Attention a = {};
  a.q = matrix_of(*node.inputs[first]);
  a.k = matrix_of(*node.inputs[first + 1]);
  a.v = matrix_of(*node.inputs[first + 2]);
  if (first > 0) a.g = matrix_of(*node.inputs[0]);
  if (node.n_inputs > mask_input) {
    const TsrTensor& mask = *node.inputs[mask_input];
    const Matrix m = matrix_of(mask);
    a.mask = mask.data;
    a.mask_row = m.row;
    a.mask_column = m.column;
    a.mask_kind = mask.dtype == TSR_BOOL      ? MaskKind::kBool
                  : mask.dtype == TSR_FLOAT32 ? MaskKind::kFloat
                                              : MaskKind::kSame;
  }
  a.causal = node.ints[0] != 0;
  a.seed = static_cast<uint64_t>(node.ints[1]);
  a.offset = static_cast<uint64_t>(node.ints[2]);
  a.scale = static_cast<float>(node.doubles[0]);
  const double p = node.doubles[1];
  a.drops = p > 0;
  // A draw is 24 bits; it is compared as float32.
  a.least = static_cast<uint32_t>(
      std::ceil(static_cast<double>(static_cast<float>(p)) * double{1 << 24}));
  a.kept = p < 1 ? static_cast<float>(1 / (1 - p)) : 0.0f;
  return a;
}

TsrTensor batches_of(const TsrTensor& q) {
  TsrTensor batches = q;
  batches.rank = q.rank - 2;
  return batches;
}

}  // namespace attention

std::span<const KernelEntry> attention_kernels() {
  using namespace attention;  // NOLINT: its checks and runs
  static constexpr KernelEntry kKernels[] = {
      {"scaled_dot_product_attention", make_kernel<check_forward, run_forward>()},
      {"scaled_dot_product_attention_backward", make_kernel<check_backward, run_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
