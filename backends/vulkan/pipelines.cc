// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/pipelines.h"

#include <algorithm>
#include <vector>

#include "tessera/backends/plugin/status.h"
#include "tessera/backends/vulkan/pipeline_file.h"

namespace tessera::vulkan {

size_t Pipelines::Hash::operator()(const Key& key) const {
  size_t hash = reinterpret_cast<size_t>(key.shader);
  for (uint32_t i = 0; i < key.count; ++i) hash = hash * 0x9e3779b97f4a7c15u + key.constants[i];
  return hash ^ (hash >> 29);
}

Pipelines::~Pipelines() {
  const DeviceFunctions& vk = gpu_->vk();
  if (cache_ != VK_NULL_HANDLE && !path_.empty() && !pipelines_.empty()) {
    size_t size = 0;
    vk.GetPipelineCacheData(gpu_->handle(), cache_, &size, nullptr);
    std::string data(size, '\0');
    if (vk.GetPipelineCacheData(gpu_->handle(), cache_, &size, data.data()) == VK_SUCCESS) {
      data.resize(size);
      if (const std::string why = write_pipeline_file(path_, gpu_->physical(), data);
          !why.empty()) {
        gpu_->log(TSR_LOG_INFO, ("compiled pipelines are not kept: " + why).c_str());
      }
    }
  }
  for (const auto& [key, pipeline] : pipelines_) {
    vk.DestroyPipeline(gpu_->handle(), pipeline, nullptr);
  }
  if (cache_ != VK_NULL_HANDLE) vk.DestroyPipelineCache(gpu_->handle(), cache_, nullptr);
  if (layout_ != VK_NULL_HANDLE) vk.DestroyPipelineLayout(gpu_->handle(), layout_, nullptr);
}

TsrStatus Pipelines::open(TsrMessage* message) {
  const DeviceFunctions& vk = gpu_->vk();
  VkPushConstantRange range = {VK_SHADER_STAGE_COMPUTE_BIT, 0, kPushBytes};
  VkPipelineLayoutCreateInfo layout = {VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
  layout.pushConstantRangeCount = 1;
  layout.pPushConstantRanges = &range;
  VkResult r = vk.CreatePipelineLayout(gpu_->handle(), &layout, nullptr, &layout_);
  std::string data;
  path_ = pipeline_file_path(gpu_->physical());
  if (!path_.empty()) {
    if (const std::string why = read_pipeline_file(path_, gpu_->physical(), &data); !why.empty()) {
      gpu_->log(TSR_LOG_INFO, (path_ + " is ignored: " + why).c_str());
    }
  }
  VkPipelineCacheCreateInfo cache = {VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
  cache.initialDataSize = data.size();
  cache.pInitialData = data.data();
  if (r == VK_SUCCESS) r = vk.CreatePipelineCache(gpu_->handle(), &cache, nullptr, &cache_);
  if (r == VK_SUCCESS) return TSR_OK;
  return plugin::fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: making a pipeline layout: %s",
                      result_name(r));
}

TsrStatus Pipelines::get(const Shader& shader, std::span<const uint32_t> constants,
                         VkPipeline* pipeline, TsrMessage* message) {
  Key key = {&shader, {}, static_cast<uint32_t>(constants.size())};
  std::copy(constants.begin(), constants.end(), key.constants.begin());
  if (const auto found = pipelines_.find(key); found != pipelines_.end()) {
    *pipeline = found->second;
    return TSR_OK;
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(make(key, pipeline, message));
  pipelines_.emplace(key, *pipeline);
  return TSR_OK;
}

TsrStatus Pipelines::make(const Key& key, VkPipeline* pipeline, TsrMessage* message) {
  const DeviceFunctions& vk = gpu_->vk();
  VkShaderModuleCreateInfo code = {VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  code.codeSize = key.shader->bytes;
  code.pCode = key.shader->words;
  VkShaderModule module = VK_NULL_HANDLE;
  VkResult r = vk.CreateShaderModule(gpu_->handle(), &code, nullptr, &module);

  std::vector<VkSpecializationMapEntry> entries(key.count);
  for (uint32_t i = 0; i < key.count; ++i) entries[i] = {i, i * 4, 4};
  VkSpecializationInfo constants = {key.count, entries.data(), key.count * 4, key.constants.data()};
  VkComputePipelineCreateInfo info = {VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
  info.stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module;
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = &constants;
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfoEXT subgroups = {
      VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO_EXT};
  subgroups.requiredSubgroupSize = gpu_->physical().subgroup_size;
  if (key.shader->cooperative) {
    info.stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT;
    info.stage.pNext = &subgroups;
  }
  info.layout = layout_;
  if (r == VK_SUCCESS) {
    r = vk.CreateComputePipelines(gpu_->handle(), cache_, 1, &info, nullptr, pipeline);
  }
  vk.DestroyShaderModule(gpu_->handle(), module, nullptr);
  if (r == VK_SUCCESS) return TSR_OK;
  const bool memory = r == VK_ERROR_OUT_OF_HOST_MEMORY || r == VK_ERROR_OUT_OF_DEVICE_MEMORY;
  return plugin::fail(message, memory ? TSR_RESOURCE_EXHAUSTED : TSR_INTERNAL,
                      "vulkan: the driver does not compile %s: %s", key.shader->name,
                      result_name(r));
}

}  // namespace tessera::vulkan
