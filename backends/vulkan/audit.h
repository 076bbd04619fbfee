// SPDX-License-Identifier: Apache-2.0
//
// Shows to synchronization validation what kernels do.
//
// The validation layer follows copies and descriptors, and cannot see what a shader does through
// buffer device addresses. With validation on, every dispatch is therefore accompanied by copies
// that the layer does see: a read of some bytes becomes a copy out of the same bytes of a shadow of
// the memory, a write a fill of them. Barriers are the same for both, so that a missing one is a
// hazard among the shadows, which the layer reports whatever the driver does.
#ifndef TESSERA_BACKENDS_VULKAN_AUDIT_H_
#define TESSERA_BACKENDS_VULKAN_AUDIT_H_

#include <cstdint>
#include <map>
#include <span>

#include "tessera/backends/vulkan/gpu.h"
#include "tessera/backends/vulkan/hazards.h"

namespace tessera::vulkan {

// One caller at a time.
class Audit {
 public:
  explicit Audit(Gpu* gpu) : gpu_(gpu) {}
  ~Audit();
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  // The shadow of a block of device memory.
  VkResult add_block(const Block& block);
  void remove_block(const Block& block);

  void record(VkCommandBuffer commands, std::span<const Access> accesses);

 private:
  struct Shadow {
    uint64_t size = 0;
    Block block;
  };

  Gpu* gpu_;
  std::map<uint64_t, Shadow> shadows_;  // by the device address of what they shadow
  Block sink_;                          // what is read goes here, each read to its own place
  uint64_t sunk_ = 0;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_AUDIT_H_
