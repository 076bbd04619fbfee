// SPDX-License-Identifier: Apache-2.0
//
// The host's side of WIDE (floating.glsl): the dtype that a floating dtype is computed in.
#ifndef TESSERA_BACKENDS_VULKAN_WIDE_H_
#define TESSERA_BACKENDS_VULKAN_WIDE_H_

#include <cstring>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

// Bytes of an element of `dtype`'s WIDE.
inline uint64_t wide_size(uint32_t dtype) {
  return plugin::item_size(plugin::compute_dtype(dtype));
}

// The address of a number of `dtype`'s WIDE, for a shader to load.
inline uint64_t wide_argument(Recorder& r, uint32_t dtype, double value) {
  const Slice slice = r.arguments(sizeof value);
  const float narrow = static_cast<float>(value);
  if (wide_size(dtype) == sizeof value) {
    std::memcpy(slice.host, &value, sizeof value);
  } else {
    std::memcpy(slice.host, &narrow, sizeof narrow);
  }
  return slice.address;
}

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_WIDE_H_
