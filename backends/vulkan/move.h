// SPDX-License-Identifier: Apache-2.0
//
// Moving elements as they are between two views: what `copy` and the ops on shapes are made of.
#ifndef TESSERA_BACKENDS_VULKAN_MOVE_H_
#define TESSERA_BACKENDS_VULKAN_MOVE_H_

#include "tessera/backends/vulkan/recorder.h"

namespace tessera::vulkan {

// y = x, of one dtype. x has y's shape, or is one element: of rank 0, or an immediate.
void move_elements(Recorder& r, const TsrTensor& x, const TsrTensor& y);

// The address of x's elements in row-major order: x's own, or of a copy in scratch memory.
uint64_t dense_address(Recorder& r, const TsrTensor& x);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_MOVE_H_
