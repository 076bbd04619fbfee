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
#include "tessera/backends/plugin/merged_dims.h"

namespace tessera::vulkan {

using plugin::kMaxRank;

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
  StridedLoop(const TsrTensor& shape, std::array<const TsrTensor*, kOperands> operands)
      : dims_(shape, operands) {}

  bool contiguous() const {
    if (dims_.count <= 1) return true;
    if (dims_.rank != 1) return false;
    for (uint32_t i = 0; i < kOperands; ++i) {
      if (dims_.strides[i][0] != 1) return false;
    }
    return true;
  }

  // Calls f(StridedPart) for each dispatch; not at all if there is no element.
  template <class F>
  void for_each_part(F&& f) const {
    if (dims_.count == 0) return;
    StridedPart<kOperands> part;
    if (contiguous()) {
      part.count = static_cast<uint32_t>(dims_.count);
      return f(part);
    }
    // Even ranks only, so that there are fewer pipelines.
    const uint32_t inner = dims_.rank < kLoopDims ? dims_.rank : kLoopDims;
    part.rank = (inner + 1) / 2 * 2;
    int64_t count = 1;
    for (uint32_t k = 0; k < kLoopDims; ++k) {
      const bool real = k < inner;
      if (real) count *= dims_.sizes[k];
      if (k < kLoopDims - 1) part.dims.sizes[k] = real ? static_cast<int32_t>(dims_.sizes[k]) : 1;
      for (uint32_t i = 0; i < kOperands; ++i) {
        part.dims.strides[i][k] = real ? static_cast<int32_t>(dims_.strides[i][k]) : 0;
      }
    }
    part.count = static_cast<uint32_t>(count);
    for (int64_t outer = 0; outer < dims_.count / count; ++outer) {
      int64_t rest = outer;
      part.offsets = {};
      for (uint32_t k = inner; k < dims_.rank; ++k) {
        for (uint32_t i = 0; i < kOperands; ++i) {
          part.offsets[i] += rest % dims_.sizes[k] * dims_.strides[i][k];
        }
        rest /= dims_.sizes[k];
      }
      f(part);
    }
  }

 private:
  plugin::MergedDims<kOperands> dims_;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_STRIDED_H_
