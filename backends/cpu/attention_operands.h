// SPDX-License-Identifier: Apache-2.0
//
// What the forward and the backward pass of attention share: operands where they stand, tiles of
// keys, masks and dropout by rows, and scratch memory for the threads that share the work.
#ifndef TESSERA_BACKENDS_CPU_ATTENTION_OPERANDS_H_
#define TESSERA_BACKENDS_CPU_ATTENTION_OPERANDS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "tessera/backends/cpu/attention_rows.h"
#include "tessera/backends/cpu/gemm.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu::attention {

// A tile of scores: queries by keys. Keys are a multiple of every instruction set's strip of gemm.
inline constexpr int64_t kQueries = 64;
inline constexpr int64_t kKeys = 96;

inline int64_t key_tiles(int64_t keys) { return (keys + kKeys - 1) / kKeys; }

// (B.., rows, columns) with contiguous columns: a tensor's own memory where that will do. Dims that
// repeat stay repeated.
template <class T>
struct Operand {
  const T* data = nullptr;  // null: not given
  int64_t row = 0;
  const int64_t* batch_shape = nullptr;
  uint32_t batch_rank = 0;
  int64_t strides[kMaxRank];

  Operand() = default;
  Operand(Workspace& work, const TsrTensor& x);
  const T* of(int64_t batch) const;
};

// The transposed key tiles of a matrix (keys, features) per batch: (tiles, features, kKeys) each.
// For few queries the matrix itself serves, as products then go by dot products.
template <class T>
class KeyTiles {
 public:
  KeyTiles(TsrStream* stream, Workspace& work, const Operand<T>& x, int64_t batches,
           int64_t queries, int64_t keys, int64_t features);

  // The product c (m, n) = a (m, features) times the transposed keys j0 ... j0 + n.
  Gemm<T> product(const T* a, int64_t a_row, int64_t m, int64_t batch, int64_t j0, int64_t n,
                  T* c) const;

 private:
  const Operand<T>& x_;
  const T* packed_ = nullptr;
  int64_t features_, tiles_;
};

// Per thread.
template <class T>
struct Scratch {
  T* scores;        // (kQueries, kKeys)
  T* gradients;     // the same
  T* bias;          // kKeys
  T* factors;       // kKeys
  uint32_t* words;  // kKeys + 8
  void* for_gemm;
  OnlineSoftmax<T>* state;  // kQueries
};

template <class T>
struct Problem {
  // q, k, v are inputs `first` ..., a mask is input `mask` if the node has it.
  Problem(Workspace& work, const TsrNode& node, uint32_t first, uint32_t mask_input);

  int64_t batches = 1, queries, keys, features, value_features;
  Operand<T> q, k, v;
  Operand<T> added_mask;  // at most one of the two masks
  Operand<uint8_t> bool_mask;
  bool causal;
  T scale;
  double dropout;
  uint64_t seed, offset;

  // Keys below this are seen by some query below i1.
  int64_t key_end(int64_t i1) const { return causal ? std::min(keys, i1) : keys; }
  // The row of scores of query i for the keys j0 ... j0 + n.
  ScoreRow<T> row(int64_t batch, int64_t i, int64_t j0, int64_t n, const Scratch<T>& scratch) const;

  // Runs f(task, scratch) for every task, on as many threads as the work is worth.
  template <class F>
  void for_each_task(TsrStream* stream, Workspace& work, int64_t tasks, F f) const {
    ThreadPool& pool = pool_of(stream);
    const int64_t products = batches * queries * keys * (features + value_features + 8);
    const int64_t threads = std::clamp<int64_t>(products / kGrain, 1, pool.threads());
    const int64_t slots = std::min(threads, tasks);
    const size_t bytes = scratch_bytes();
    char* const memory = work.array<char>(bytes * slots);
    std::atomic<int64_t> next = 0;
    pool.for_each(slots, [&](size_t slot) {
      const Scratch<T> scratch = carve(memory + slot * bytes);
      for (int64_t task; (task = next.fetch_add(1, std::memory_order_relaxed)) < tasks;) {
        f(task, scratch);
      }
    });
  }

  // c = a b, or c += a b
  void multiply(const Gemm<T>& g, const Scratch<T>& scratch) const {
    gemm_kernels(T()).run(g, 0, g.m, 0, g.n, scratch.for_gemm);
  }

 private:
  static constexpr int64_t kGrain = 500'000;  // products that are worth a thread

  size_t gemm_bytes() const;
  size_t scratch_bytes() const;
  Scratch<T> carve(char* memory) const;
};

TsrStatus run_backward(TsrStream* stream, const TsrNode& node, TsrMessage* message);

}  // namespace tessera::cpu::attention

#endif  // TESSERA_BACKENDS_CPU_ATTENTION_OPERANDS_H_
