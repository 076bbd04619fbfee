// SPDX-License-Identifier: Apache-2.0
//
// A compiled shader. Headers of these are made by the rule vulkan_shader (shaders.bzl).
#ifndef TESSERA_BACKENDS_VULKAN_SHADER_H_
#define TESSERA_BACKENDS_VULKAN_SHADER_H_

#include <cstddef>
#include <cstdint>

namespace tessera::vulkan {

// SPIR-V with the entry point main(). Static data: its address is its identity.
struct Shader {
  const char* name = nullptr;  // "reduce_f32"
  const uint32_t* words = nullptr;
  size_t bytes = 0;
  bool cooperative = false;  // invocations work together in full subgroups of the device's size
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_SHADER_H_
