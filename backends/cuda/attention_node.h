// SPDX-License-Identifier: Apache-2.0
//
// What the kernels of attention share: operands, and a score from a product of a query and a key.
#ifndef TESSERA_BACKENDS_CUDA_ATTENTION_NODE_H_
#define TESSERA_BACKENDS_CUDA_ATTENTION_NODE_H_

#include <cstdint>
#include <limits>

#include "tessera/backends/cuda/kernel.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"
#include "tessera/backends/cuda/tile_product.h"
#include "tessera/backends/random/philox.h"

namespace tessera::cuda::attention {

// Features that a block's output has at most, in tiles.
inline constexpr uint32_t kMostColumns = 2;

inline __host__ __device__ uint32_t tiles_of(uint32_t n) { return (n + kTile - 1) / kTile; }
inline __host__ __device__ uint32_t steps_of(uint32_t n) {
  return (n + kTileDepth - 1) / kTileDepth;
}

// (rows, columns) of a batch, any strides.
struct Matrix {
  int64_t row = 0, column = 0;
  uint32_t rows = 0, columns = 0;
};

enum class MaskKind : uint32_t { kNone, kBool, kSame, kFloat };

struct Attention {
  Matrix q, k, v, g;  // g: the gradient for the output, of gradients
  int64_t mask_row, mask_column;
  const void* mask;
  MaskKind mask_kind;
  bool causal;
  float scale;
  // Dropout: kept where 24 random bits are `least` or more.
  bool drops;
  uint32_t least;
  float kept;
  uint64_t seed, offset;

  __device__ __forceinline__ uint32_t queries() const { return q.rows; }
  __device__ __forceinline__ uint32_t keys() const { return k.rows; }

  // -inf for what is masked, or is not there. mask_at: where the batch's mask begins.
  template <class T>
  __device__ __forceinline__ float score(float product, int64_t mask_at, uint32_t query,
                                         uint32_t key) const {
    constexpr float kNothing = -std::numeric_limits<float>::infinity();
    if (query >= queries() || key >= keys() || (causal && key > query)) return kNothing;
    const float s = product * scale;
    if (mask_kind == MaskKind::kNone) return s;
    const int64_t at = mask_at + query * mask_row + key * mask_column;
    if (mask_kind == MaskKind::kBool) return static_cast<const bool*>(mask)[at] ? s : kNothing;
    if (mask_kind == MaskKind::kFloat) return s + static_cast<const float*>(mask)[at];
    return s + load(static_cast<const T*>(mask)[at]);
  }
  // What dropout multiplies a probability by.
  __device__ __forceinline__ float factor(uint64_t batch, uint32_t query, uint32_t key) const {
    if (!drops || query >= queries() || key >= keys()) return 1;
    const uint64_t element = (batch * queries() + query) * keys() + key;
    uint32_t words[4];
    tessera_philox_block(seed, offset + element / 4, words);
    const uint32_t in_block = element % 4;
    const uint32_t low = in_block % 2 == 0 ? words[0] : words[1];
    const uint32_t high = in_block % 2 == 0 ? words[2] : words[3];
    return (in_block < 2 ? low : high) >> 8 >= least ? kept : 0;
  }
};

// ---- Loaders of tile_product.h ------------------------------------------------------------------

// Rows of a matrix from `first` on, as rows of the left or columns of the right operand: the depth
// is its columns.
template <class T>
__device__ __forceinline__ auto by_rows(const T* x, const Matrix& m, uint32_t first) {
  return [=](int64_t step, float* values) {
    const uint32_t c = static_cast<uint32_t>(step) * kTileDepth + AlongDepth::depth(0);
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t r = first + AlongDepth::place(j);
      values[j] = r < m.rows && c < m.columns ? load(x[r * m.row + c * m.column]) : 0.0f;
    }
  };
}
// Columns of a matrix from first_column on, as those of the right operand: the depth is its rows,
// from first_row on.
template <class T>
__device__ __forceinline__ auto by_columns(const T* x, const Matrix& m, uint32_t first_row,
                                           uint32_t first_column) {
  return [=](int64_t step, float* values) {
    const uint32_t c = first_column + AcrossDepth::place(0);
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t r =
          first_row + static_cast<uint32_t>(step) * kTileDepth + AcrossDepth::depth(j);
      values[j] = r < m.rows && c < m.columns ? load(x[r * m.row + c * m.column]) : 0.0f;
    }
  };
}

// A tile of probabilities, or of their gradients, as a left operand: a row for each of its columns.
struct ScoreTile {
  TileSteps<float> steps[kTile / kTileDepth];

  // What the threads of the block have, before a barrier.
  __device__ __forceinline__ void put(const TileSums<float>& tile) {
    constexpr uint32_t kSide = TileSums<float>::kSide;
    TESSERA_UNROLL for (uint32_t j = 0; j < kSide; ++j) {
      FourRows<float> rows;
      TESSERA_UNROLL for (uint32_t i = 0; i < kSide; ++i) rows.values[i] = tile.sums[i][j];
      const uint32_t column = TileSums<float>::column(j);
      float* const to =
          &steps[column / kTileDepth][column % kTileDepth][TileSums<float>::first_row()];
      *reinterpret_cast<FourRows<float>*>(to) = rows;
    }
  }
};

// ---- Nodes --------------------------------------------------------------------------------------

// q, k and v are inputs `first` ..., a mask is input `mask_input` if the node has it.
Attention attention_of(const TsrNode& node, uint32_t first, uint32_t mask_input);
// The batches of q.
TsrTensor batches_of(const TsrTensor& q);

void run_backward(Launcher& launcher, const TsrNode& node);

}  // namespace tessera::cuda::attention

#endif  // TESSERA_BACKENDS_CUDA_ATTENTION_NODE_H_
