// SPDX-License-Identifier: Apache-2.0
//
// The Vulkan instance, and the physical devices that Tessera can use, best first.
#ifndef TESSERA_BACKENDS_VULKAN_INSTANCE_H_
#define TESSERA_BACKENDS_VULKAN_INSTANCE_H_

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/vulkan/functions.h"

namespace tessera::vulkan {

// A matrix product that a subgroup of the device computes together: float16 factors, float32 sums.
struct CooperativeMatrix {
  uint32_t m = 0, n = 0, k = 0;  // 0: the device or this build has none
};

// A physical device and what Tessera wants to know of it.
struct PhysicalDevice {
  VkPhysicalDevice handle = VK_NULL_HANDLE;
  VkPhysicalDeviceProperties properties = {};
  VkPhysicalDeviceMemoryProperties memory = {};
  std::string driver;               // "llvmpipe: Mesa 22.3.6 (LLVM 15.0.6), Vulkan 1.3.230"
  uint8_t uuid[VK_UUID_SIZE] = {};  // of the driver's build
  uint64_t memory_bytes = 0;        // of its largest device-local heap
  uint64_t max_allocation = 0;      // bytes of one allocation
  uint32_t queue_family = 0;
  uint32_t subgroup_size = 0;
  bool has_float64 = false;
  bool preserves_nan = false;  // float32: signed zero, inf and nan survive
  CooperativeMatrix cooperative;
};

// What validation layers said. Shared by the messenger and whoever reports.
class ValidationLog {
 public:
  void add(const char* text);
  uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  std::string last() const;

 private:
  std::atomic<uint64_t> count_{0};
  mutable std::mutex mutex_;
  std::string last_;
};

// One per initialised backend. Environment:
//   TESSERA_VULKAN_DEVICE      a number in the driver's order or a part of the name or driver: that
//                              device (or those) only
//   TESSERA_VULKAN_VALIDATION  1: the Khronos validation layer with synchronization validation;
//                              every message makes the next wait on a stream fail
class Instance {
 public:
  // Opens the loader and lists devices. Never fails: why() says why there is no device.
  explicit Instance(const TsrHost* host);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // Discrete devices before integrated ones before CPU drivers.
  const std::vector<PhysicalDevice>& devices() const { return devices_; }
  // What was looked at and why it was not taken; empty if there are devices.
  const std::string& why() const { return why_; }
  const InstanceFunctions& functions() const { return functions_; }
  const TsrHost* host() const { return host_; }
  // Null unless validation is on.
  ValidationLog* validation() { return validates_ ? &log_ : nullptr; }

 private:
  std::string open();
  std::string find_devices();

  const TsrHost* host_;
  Loader loader_;
  InstanceFunctions functions_;
  VkInstance instance_ = VK_NULL_HANDLE;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  bool validates_ = false;
  ValidationLog log_;
  std::vector<PhysicalDevice> devices_;
  std::string why_;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_INSTANCE_H_
