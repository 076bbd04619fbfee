// SPDX-License-Identifier: Apache-2.0
//
// Compute pipelines, made on first use.
#ifndef TESSERA_BACKENDS_VULKAN_PIPELINES_H_
#define TESSERA_BACKENDS_VULKAN_PIPELINES_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "tessera/backends/vulkan/gpu.h"
#include "tessera/backends/vulkan/shader.h"

namespace tessera::vulkan {

// Every shader has the same interface: up to kPushBytes of push constants, and 32-bit
// specialisation constants numbered from 0. No descriptors.
inline constexpr uint32_t kPushBytes = 128;
inline constexpr uint32_t kMostConstants = 20;

class Pipelines {
 public:
  explicit Pipelines(Gpu* gpu) : gpu_(gpu) {}
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  // Reads what an earlier process left on the disk, if it was of the same driver.
  TsrStatus open(TsrMessage* message);

  // One caller at a time. TSR_INTERNAL if the driver refuses the shader.
  TsrStatus get(const Shader& shader, std::span<const uint32_t> constants, VkPipeline* pipeline,
                TsrMessage* message);
  VkPipelineLayout layout() const { return layout_; }

 private:
  struct Key {
    const Shader* shader;
    std::array<uint32_t, kMostConstants> constants;
    uint32_t count;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const;
  };

  TsrStatus make(const Key& key, VkPipeline* pipeline, TsrMessage* message);

  Gpu* gpu_;
  VkPipelineLayout layout_ = VK_NULL_HANDLE;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  std::string path_;  // of the cache on disk; empty: none
  std::unordered_map<Key, VkPipeline, Hash> pipelines_;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_PIPELINES_H_
