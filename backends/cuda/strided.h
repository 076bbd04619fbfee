// SPDX-License-Identifier: Apache-2.0
//
// The loop nest of a kernel over strided operands of one shape, in as few dims as it takes.
//
//   StridedLoop<2> loop(y, {&x, &y});
//   loop.for_each_part([&](const StridedPart<2>& part) {
//     launcher.launch(kernel, launcher.blocks_for(part.count, 256), 256, x, y, part);
//   });
//
// In the kernel, for each i of part.count:
//
//   int64_t at[2];
//   part.offsets_of(i, at);    // elements, from each operand's address
#ifndef TESSERA_BACKENDS_CUDA_STRIDED_H_
#define TESSERA_BACKENDS_CUDA_STRIDED_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/runtime.h"
#include "tessera/backends/plugin/merged_dims.h"

namespace tessera::cuda {

using plugin::kMaxRank;

// The most dims that a kernel loops over; what is left is several launches.
inline constexpr uint32_t kLoopDims = 6;

// n / d by a product, for 0 <= n < 2^31 and 1 <= d < 2^31.
//   source: Granlund and Montgomery: Division by invariant integers using multiplication (1994)
struct Divisor {
  uint32_t divisor = 1, factor = 0, shift = 0;

  Divisor() = default;
  explicit Divisor(uint32_t d) : divisor(d) {
    while (shift < 32 && (uint64_t{1} << shift) < d) ++shift;
    factor = static_cast<uint32_t>(((uint64_t{1} << 32) * ((uint64_t{1} << shift) - d)) / d + 1);
  }
  __host__ __device__ uint32_t quotient(uint32_t n) const {
    const uint32_t high = static_cast<uint32_t>((static_cast<uint64_t>(n) * factor) >> 32);
    return (high + n) >> shift;
  }
};

// One launch.
template <uint32_t kOperands>
struct StridedPart {
  uint32_t count = 0;  // elements, fewer than 2^31
  uint32_t rank = 0;   // dims of the loop, innermost first
  Divisor sizes[kLoopDims];
  int64_t strides[kOperands][kLoopDims] = {};  // in elements
  int64_t offsets[kOperands] = {};             // of element 0

  // Where element i of the part is, from the address of each operand.
  __host__ __device__ void offsets_of(uint32_t i, int64_t* at) const {
    for (uint32_t o = 0; o < kOperands; ++o) at[o] = offsets[o];
    for (uint32_t k = 0; k < kLoopDims; ++k) {
      if (k == rank) return;
      const uint32_t rest = sizes[k].quotient(i), digit = i - rest * sizes[k].divisor;
      for (uint32_t o = 0; o < kOperands; ++o) at[o] += digit * strides[o][k];
      i = rest;
    }
  }
  // Whether operand o is laid out as the elements are counted, or is one element for all.
  bool is_linear(uint32_t o) const { return count <= 1 || (rank == 1 && strides[o][0] == 1); }
  bool is_single(uint32_t o) const {
    for (uint32_t k = 0; k < rank; ++k) {
      if (strides[o][k] != 0) return false;
    }
    return true;
  }
};

template <uint32_t kOperands>
class StridedLoop {
 public:
  // Parts have at most this many elements.
  static constexpr int64_t kMostElements = int64_t{1} << 30;

  // Over `shape`'s shape. Operands have that rank, or are immediates, which have stride 0.
  StridedLoop(const TsrTensor& shape, std::array<const TsrTensor*, kOperands> operands)
      : dims_(shape, operands) {}

  int64_t count() const { return dims_.count; }

  // Whether it is one launch.
  bool is_one_part() const { return dims_.rank <= kLoopDims && dims_.count <= kMostElements; }

  // Calls f(StridedPart) for each launch; not at all if there is no element.
  template <class F>
  void for_each_part(F&& f) const {
    if (dims_.count == 0) return;
    StridedPart<kOperands> part;
    int64_t inner = 1;  // elements of the dims in the part
    uint32_t k = 0;
    for (; k < dims_.rank && k < kLoopDims && inner * dims_.sizes[k] <= kMostElements; ++k)
      add(part, k, &inner, dims_.sizes[k]);
    // The next dim in pieces, if it fits in part.
    const int64_t piece =
        k < dims_.rank && k < kLoopDims ? std::min(dims_.sizes[k], kMostElements / inner) : 1;
    if (piece > 1) {
      for_each_outer(k + 1, part, [&](StridedPart<kOperands>& outer) {
        for (int64_t begin = 0; begin < dims_.sizes[k]; begin += piece) {
          StridedPart<kOperands> p = outer;
          int64_t elements = inner;
          for (uint32_t o = 0; o < kOperands; ++o) p.offsets[o] += begin * dims_.strides[o][k];
          add(p, k, &elements, std::min(piece, dims_.sizes[k] - begin));
          p.count = static_cast<uint32_t>(elements);
          f(p);
        }
      });
    } else {
      part.count = static_cast<uint32_t>(inner);
      for_each_outer(k, part, f);
    }
  }

 private:
  void add(StridedPart<kOperands>& part, uint32_t k, int64_t* elements, int64_t size) const {
    part.sizes[part.rank] = Divisor(static_cast<uint32_t>(size));
    for (uint32_t o = 0; o < kOperands; ++o) part.strides[o][part.rank] = dims_.strides[o][k];
    ++part.rank;
    *elements *= size;
  }

  // Calls f(part) with the offsets of all indices of the dims from k on.
  template <class F>
  void for_each_outer(uint32_t k, StridedPart<kOperands> part, F&& f) const {
    int64_t outer = 1;
    for (uint32_t d = k; d < dims_.rank; ++d) outer *= dims_.sizes[d];
    for (int64_t i = 0; i < outer; ++i) {
      int64_t rest = i;
      std::fill_n(part.offsets, kOperands, int64_t{0});
      for (uint32_t d = k; d < dims_.rank; ++d) {
        for (uint32_t o = 0; o < kOperands; ++o) {
          part.offsets[o] += rest % dims_.sizes[d] * dims_.strides[o][d];
        }
        rest /= dims_.sizes[d];
      }
      f(part);
    }
  }

  plugin::MergedDims<kOperands> dims_;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_STRIDED_H_
