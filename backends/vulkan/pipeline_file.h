// SPDX-License-Identifier: Apache-2.0
//
// Compiled pipelines on disk, so that the next process need not compile them again.
//
// The file is <cache>/tessera/vulkan-<device>-<driver>.bin, where <cache> is XDG_CACHE_HOME or
// ~/.cache. TESSERA_VULKAN_CACHE names another folder, or is empty for none. It is written whole
// and then renamed, and a file that is cut, changed or of another driver is ignored.
#ifndef TESSERA_BACKENDS_VULKAN_PIPELINE_FILE_H_
#define TESSERA_BACKENDS_VULKAN_PIPELINE_FILE_H_

#include <string>

#include "tessera/backends/vulkan/instance.h"

namespace tessera::vulkan {

// Empty if nothing is to be kept.
std::string pipeline_file_path(const PhysicalDevice& device);

// "" and the driver's data (none if there is no file), or why the file is not used.
std::string read_pipeline_file(const std::string& path, const PhysicalDevice& device,
                               std::string* data);

// "" or why the file was not written. The old file, if any, stays then.
std::string write_pipeline_file(const std::string& path, const PhysicalDevice& device,
                                const std::string& data);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_PIPELINE_FILE_H_
