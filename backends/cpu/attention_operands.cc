// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/attention_operands.h"

#include <cmath>
#include <limits>

#include "tessera/backends/cpu/philox_rows.h"

namespace tessera::cpu::attention {
namespace {

constexpr size_t kWords = kKeys + 8;

size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

template <class T>
bool is_native(const TsrTensor& x) {
  return x.dtype == native_dtype<T>() ||
         (x.dtype == TSR_BOOL && native_dtype<T>() == uint32_t{TSR_UINT8});
}

}  // namespace

template <class T>
Operand<T>::Operand(Workspace& work, const TsrTensor& x)
    : batch_shape(x.shape), batch_rank(x.rank - 2) {
  const uint32_t last = x.rank - 1;
  if (is_native<T>(x) && (x.strides[last] == 1 || x.shape[last] == 1)) {
    data = static_cast<const T*>(x.data);
    std::copy_n(x.strides, x.rank, strides);
  } else {
    int64_t shape[kMaxRank];
    TsrTensor once = x;  // x without its repeats
    once.shape = shape;
    for (uint32_t d = 0; d < x.rank; ++d) {
      shape[d] = d < last && x.strides[d] == 0 ? std::min<int64_t>(x.shape[d], 1) : x.shape[d];
    }
    data = work.dense<T>(once);
    int64_t stride = 1;
    for (uint32_t d = x.rank; d-- > 0;) {
      strides[d] = d < last && x.strides[d] == 0 ? 0 : stride;
      stride *= shape[d];
    }
  }
  row = strides[last - 1];
}

template <class T>
const T* Operand<T>::of(int64_t batch) const {
  const T* p = data;
  for (uint32_t d = batch_rank; d-- > 0;) {
    p += batch % batch_shape[d] * strides[d];
    batch /= batch_shape[d];
  }
  return p;
}

template <class T>
KeyTiles<T>::KeyTiles(TsrStream* stream, Workspace& work, const Operand<T>& x, int64_t batches,
                      int64_t queries, int64_t keys, int64_t features)
    : x_(x), features_(features), tiles_(key_tiles(keys)) {
  if (queries <= 4 && features >= 4) return;
  T* const to = work.array<T>(batches * tiles_ * features * kKeys);
  packed_ = to;
  constexpr int64_t kGrain = 64 << 10;  // elements that are worth a thread
  pool_of(stream).ranges(
      batches * tiles_, kGrain / (kKeys * features + 1) + 1,
      [&](size_t begin, size_t end) {
        for (size_t t = begin; t < end; ++t) {
          const int64_t j0 = static_cast<int64_t>(t) % tiles_ * kKeys;
          gemm_kernels(T()).pack(x.of(static_cast<int64_t>(t) / tiles_) + j0 * x.row, 1, x.row,
                                 features, std::min(kKeys, keys - j0), to + t * features * kKeys,
                                 kKeys);
        }
      },
      1);
}

template <class T>
Gemm<T> KeyTiles<T>::product(const T* a, int64_t a_row, int64_t m, int64_t batch, int64_t j0,
                             int64_t n, T* c) const {
  Gemm<T> g = {m, n, features_, a, a_row, 1, nullptr, kKeys, 1, c, kKeys, nullptr, false};
  if (packed_ != nullptr) {
    g.b = packed_ + (batch * tiles_ + j0 / kKeys) * features_ * kKeys;
  } else {
    g.b = x_.of(batch) + j0 * x_.row;
    g.b_row = 1;
    g.b_column = x_.row;
  }
  return g;
}

template <class T>
Problem<T>::Problem(Workspace& work, const TsrNode& node, uint32_t first, uint32_t mask_input)
    : q(work, *node.inputs[first]),
      k(work, *node.inputs[first + 1]),
      v(work, *node.inputs[first + 2]),
      causal(node.ints[0] != 0),
      scale(static_cast<T>(node.doubles[0])),
      dropout(node.doubles[1]),
      seed(static_cast<uint64_t>(node.ints[1])),
      offset(static_cast<uint64_t>(node.ints[2])) {
  const TsrTensor& query = *node.inputs[first];
  const TsrTensor& value = *node.inputs[first + 2];
  const uint32_t last = query.rank - 1;
  for (uint32_t d = 0; d + 1 < last; ++d) batches *= query.shape[d];
  queries = query.shape[last - 1];
  features = query.shape[last];
  keys = value.shape[last - 1];
  value_features = value.shape[last];
  if (node.n_inputs > mask_input) {
    const TsrTensor& mask = *node.inputs[mask_input];
    if (mask.dtype == TSR_BOOL) {
      bool_mask = Operand<uint8_t>(work, mask);
    } else {
      added_mask = Operand<T>(work, mask);
    }
  }
}

template <class T>
ScoreRow<T> Problem<T>::row(int64_t batch, int64_t i, int64_t j0, int64_t n,
                            const Scratch<T>& scratch) const {
  ScoreRow<T> row = {causal ? std::clamp<int64_t>(i - j0 + 1, 0, n) : n, n, scale, nullptr,
                     nullptr};
  if (added_mask.data != nullptr) {
    row.bias = added_mask.of(batch) + i * added_mask.row + j0;
  } else if (bool_mask.data != nullptr) {
    const uint8_t* const seen = bool_mask.of(batch) + i * bool_mask.row + j0;
    for (int64_t j = 0; j < n; ++j) {
      scratch.bias[j] = seen[j] != 0 ? T(0) : -std::numeric_limits<T>::infinity();
    }
    row.bias = scratch.bias;
  }
  if (dropout > 0) {
    // Kept where the draw, a multiple of 2^-24, is not below dropout as a float.
    const uint32_t least = static_cast<uint32_t>(
        std::ceil(static_cast<double>(static_cast<float>(dropout)) * 16777216.0));
    const T kept = dropout < 1 ? static_cast<T>(1 / (1 - dropout)) : T(0);
    const uint64_t element = static_cast<uint64_t>((batch * queries + i) * keys + j0);
    const uint64_t skipped = element % 4;
    philox_blocks(seed, offset + element / 4, (skipped + static_cast<uint64_t>(n) + 3) / 4,
                  scratch.words);
    for (int64_t j = 0; j < n; ++j) {
      scratch.factors[j] = scratch.words[skipped + j] >> 8 >= least ? kept : T(0);
    }
    row.factors = scratch.factors;
  }
  return row;
}

// Of the largest product of each kind: sizes below want no more.
template <class T>
size_t Problem<T>::gemm_bytes() const {
  const GemmKernels<T>& kernels = gemm_kernels(T());
  size_t most = 0;
  for (int64_t width : {features, value_features}) {
    Gemm<T> scores = {kQueries, kKeys, width,   nullptr, width,   1,    nullptr,
                      kKeys,    1,     nullptr, kKeys,   nullptr, false};
    Gemm<T> sums = {kKeys, width, kKeys,   nullptr, kKeys,   1,   nullptr,
                    width, 1,     nullptr, width,   nullptr, true};
    most =
        std::max({most, kernels.scratch_bytes(scores, kKeys), kernels.scratch_bytes(sums, width)});
  }
  return most;
}

template <class T>
size_t Problem<T>::scratch_bytes() const {
  return aligned(2 * kQueries * kKeys * sizeof(T)) + aligned(2 * kKeys * sizeof(T)) +
         aligned(kWords * sizeof(uint32_t)) + aligned(kQueries * sizeof(OnlineSoftmax<T>)) +
         aligned(gemm_bytes());
}

template <class T>
Scratch<T> Problem<T>::carve(char* memory) const {
  const auto take = [&](size_t bytes) {
    char* const begin = memory;
    memory += aligned(bytes);
    return begin;
  };
  Scratch<T> s;
  s.scores = reinterpret_cast<T*>(take(2 * kQueries * kKeys * sizeof(T)));
  s.gradients = s.scores + kQueries * kKeys;
  s.bias = reinterpret_cast<T*>(take(2 * kKeys * sizeof(T)));
  s.factors = s.bias + kKeys;
  s.words = reinterpret_cast<uint32_t*>(take(kWords * sizeof(uint32_t)));
  s.state = reinterpret_cast<OnlineSoftmax<T>*>(take(kQueries * sizeof(OnlineSoftmax<T>)));
  s.for_gemm = memory;
  return s;
}

template struct Operand<float>;
template struct Operand<double>;
template struct Operand<uint8_t>;
template class KeyTiles<float>;
template class KeyTiles<double>;
template struct Problem<float>;
template struct Problem<double>;

}  // namespace tessera::cpu::attention
