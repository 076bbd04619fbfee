// SPDX-License-Identifier: Apache-2.0
//
// The loop nest of a kernel over strided operands of one shape, in as few dims as it takes.
//
//   StridedLoop<2> loop(y, {&x, &y});
//   loop.for_each_part([&](const StridedPart<2>& part) {
//     push.n = part.count; push.dims = part.dims; ...
//   });
//
// The shader is told the rank by a specialisation constant, and the sizes and strides of its dims
// innermost first; strided.glsl turns an index into offsets.
#ifndef TESSERA_BACKENDS_VULKAN_STRIDED_H_
#define TESSERA_BACKENDS_VULKAN_STRIDED_H_

#include <array>
#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::vulkan {

// The most dims of a tensor that kernels take: check_device.
inline constexpr uint32_t kMaxRank = 32;

// The most dims that a shader loops over; what is left is several dispatches.
inline constexpr uint32_t kLoopDims = 6;

// As strided.glsl declares it.
template <uint32_t kOperands>
struct StridedDims {
  int32_t sizes[kLoopDims - 1];           // of all dims but the outermost
  int32_t strides[kOperands][kLoopDims];  // in elements
};

// One dispatch.
template <uint32_t kOperands>
struct StridedPart {
  uint32_t count = 0;  // elements
  uint32_t rank = 0;   // dims of the loop; 0 if every operand is contiguous: element i is at i
  StridedDims<kOperands> dims = {};
  std::array<int64_t, kOperands> offsets = {};  // elements, to be added to the operands' addresses
};

template <uint32_t kOperands>
class StridedLoop {
 public:
  // Over `shape`'s shape. Operands have that rank, or are immediates, which have stride 0.
  StridedLoop(const TsrTensor& shape, std::array<const TsrTensor*, kOperands> operands) {
    for (uint32_t k = shape.rank; k-- > 0;) add_dim(shape, operands, k);
  }

  bool contiguous() const {
    if (count_ <= 1) return true;
    if (rank_ != 1) return false;
    for (uint32_t i = 0; i < kOperands; ++i) {
      if (strides_[i][0] != 1) return false;
    }
    return true;
  }

  // Calls f(StridedPart) for each dispatch; not at all if there is no element.
  template <class F>
  void for_each_part(F&& f) const {
    if (count_ == 0) return;
    StridedPart<kOperands> part;
    if (contiguous()) {
      part.count = static_cast<uint32_t>(count_);
      return f(part);
    }
    // Even ranks only, so that there are fewer pipelines.
    const uint32_t inner = rank_ < kLoopDims ? rank_ : kLoopDims;
    part.rank = (inner + 1) / 2 * 2;
    int64_t count = 1;
    for (uint32_t k = 0; k < kLoopDims; ++k) {
      const bool real = k < inner;
      if (real) count *= sizes_[k];
      if (k < kLoopDims - 1) part.dims.sizes[k] = real ? static_cast<int32_t>(sizes_[k]) : 1;
      for (uint32_t i = 0; i < kOperands; ++i) {
        part.dims.strides[i][k] = real ? static_cast<int32_t>(strides_[i][k]) : 0;
      }
    }
    part.count = static_cast<uint32_t>(count);
    for (int64_t outer = 0; outer < count_ / count; ++outer) {
      int64_t rest = outer;
      part.offsets = {};
      for (uint32_t k = inner; k < rank_; ++k) {
        for (uint32_t i = 0; i < kOperands; ++i) {
          part.offsets[i] += rest % sizes_[k] * strides_[i][k];
        }
        rest /= sizes_[k];
      }
      f(part);
    }
  }

 private:
  void add_dim(const TsrTensor& shape, const std::array<const TsrTensor*, kOperands>& operands,
               uint32_t k) {
    const int64_t size = shape.shape[k];
    count_ *= size;
    if (size == 1) return;
    int64_t strides[kOperands];
    bool merges = rank_ > 0;
    for (uint32_t i = 0; i < kOperands; ++i) {
      const bool has = (operands[i]->flags & TSR_TENSOR_IMMEDIATE) == 0 && k < operands[i]->rank;
      strides[i] = has ? operands[i]->strides[k] : 0;
      merges = merges && strides[i] == strides_[i][rank_ - 1] * sizes_[rank_ - 1];
    }
    if (merges) {
      sizes_[rank_ - 1] *= size;
      return;
    }
    sizes_[rank_] = size;
    for (uint32_t i = 0; i < kOperands; ++i) strides_[i][rank_] = strides[i];
    ++rank_;
  }

  // Innermost first.
  uint32_t rank_ = 0;
  int64_t count_ = 1;
  int64_t sizes_[kMaxRank];
  int64_t strides_[kOperands][kMaxRank];
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_STRIDED_H_
