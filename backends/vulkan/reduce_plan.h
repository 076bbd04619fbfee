// SPDX-License-Identifier: Apache-2.0
//
// How a reduction is cut into work groups; the host's side of reduce.glsl.
//
// Where the dim in which x's elements stand closest is reduced, neighbours in a work group take
// neighbouring elements of one row and reduce them together; where it is kept, neighbours take
// neighbouring columns. A reduction to few elements of many is cut into parts, whose results a
// second dispatch reduces. All of it depends on x's shape and strides only, so that the bits of
// the result do as well.
#ifndef TESSERA_BACKENDS_VULKAN_REDUCE_PLAN_H_
#define TESSERA_BACKENDS_VULKAN_REDUCE_PLAN_H_

#include <cstdint>

#include "tessera/backends/vulkan/recorder.h"
#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {

// As reduce.glsl declares it.
struct ReducePush {
  uint64_t x = 0, y = 0;
  uint32_t kept = 1, reduced = 1;
  uint32_t per_part = 1, parts = 1;
  int32_t kept_sizes[kLoopDims - 1] = {};
  int32_t kept_strides[kLoopDims] = {};
  int32_t reduced_sizes[kLoopDims - 1] = {};
  int32_t reduced_strides[kLoopDims] = {};
};

class ReducePlan {
 public:
  // Of x, over the dims k with reduced[k]. May bring x into another order in scratch memory.
  ReducePlan(Recorder& r, const TsrTensor& x, const bool* reduced);

  // Reduces x to y, which is dense. The partial results of one part of one kept index take
  // `partial_bytes`.
  void record(Recorder& r, const Shader& shader, uint64_t y, uint32_t partial_bytes);

 private:
  struct Dim {
    int64_t size, stride;
  };
  struct Dims {
    uint32_t rank = 0;
    Dim dims[kMaxRank];  // outermost first
    int64_t count = 1;

    void add(int64_t size, int64_t stride);
    void merge();
    void store(int32_t* sizes, int32_t* strides) const;
  };

  void lay_out();
  void dispatch(Recorder& r, const Shader& shader, bool from_partial, bool to_partial) const;

  Dims kept_, reduced_;
  ReducePush push_;
  uint32_t reduced_lanes_ = 1;
  bool rows_ = true;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_REDUCE_PLAN_H_
