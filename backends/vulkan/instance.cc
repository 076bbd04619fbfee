// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/instance.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tessera/backends/vulkan/physical_device.h"

namespace tessera::vulkan {
namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

bool wants_validation() {
  const char* value = std::getenv("TESSERA_VULKAN_VALIDATION");
  return value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
}

bool has_layer(const Loader& loader, const char* name) {
  uint32_t count = 0;
  loader.EnumerateInstanceLayerProperties(&count, nullptr);
  std::vector<VkLayerProperties> layers(count);
  loader.EnumerateInstanceLayerProperties(&count, layers.data());
  return std::any_of(layers.begin(), layers.end(), [&](const VkLayerProperties& layer) {
    return std::strcmp(layer.layerName, name) == 0;
  });
}

VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                          VkDebugUtilsMessageTypeFlagsEXT,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data,
                                          void* user) {
  static_cast<ValidationLog*>(user)->add(data->pMessage);
  return VK_FALSE;
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info(ValidationLog* log) {
  VkDebugUtilsMessengerCreateInfoEXT info = {
      VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT};
  info.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                         VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT |
                     VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT;
  info.pfnUserCallback = on_message;
  info.pUserData = log;
  return info;
}

}  // namespace

void ValidationLog::add(const char* text) {
  const std::lock_guard lock(mutex_);
  last_ = text != nullptr ? text : "";
  count_.fetch_add(1, std::memory_order_relaxed);
}

std::string ValidationLog::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

Instance::Instance(const TsrHost* host) : host_(host) {
  why_ = open();
  if (why_.empty()) why_ = find_devices();
}

Instance::~Instance() {
  if (messenger_ != VK_NULL_HANDLE) {
    functions_.DestroyDebugUtilsMessenger(instance_, messenger_, nullptr);
  }
  if (instance_ != VK_NULL_HANDLE && functions_.DestroyInstance != nullptr) {
    functions_.DestroyInstance(instance_, nullptr);
  }
}

std::string Instance::open() {
  if (std::string why = open_loader(&loader_); !why.empty()) return why;
  uint32_t version = 0;
  if (loader_.EnumerateInstanceVersion(&version) != VK_SUCCESS || version < VK_API_VERSION_1_2) {
    return "the Vulkan loader has version " + version_text(version) + ", 1.2 is needed";
  }
  validates_ = wants_validation();
  std::vector<const char*> layers, extensions;
  if (validates_) {
    if (!has_layer(loader_, kValidationLayer)) {
      return std::string("TESSERA_VULKAN_VALIDATION is set and ") + kValidationLayer +
             " is not installed (Debian: vulkan-validationlayers)";
    }
    layers.push_back(kValidationLayer);
    extensions = {VK_EXT_DEBUG_UTILS_EXTENSION_NAME, VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME};
  }
  VkApplicationInfo application = {VK_STRUCTURE_TYPE_APPLICATION_INFO};
  application.pApplicationName = application.pEngineName = "tessera";
  application.apiVersion = VK_API_VERSION_1_2;
  const VkValidationFeatureEnableEXT enabled =
      VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
  VkDebugUtilsMessengerCreateInfoEXT messages = messenger_info(&log_);
  VkValidationFeaturesEXT features = {VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT};
  features.pNext = &messages;
  features.enabledValidationFeatureCount = 1;
  features.pEnabledValidationFeatures = &enabled;
  VkInstanceCreateInfo info = {VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  info.pNext = validates_ ? &features : nullptr;
  info.pApplicationInfo = &application;
  info.enabledLayerCount = static_cast<uint32_t>(layers.size());
  info.ppEnabledLayerNames = layers.data();
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  if (const VkResult r = loader_.CreateInstance(&info, nullptr, &instance_); r != VK_SUCCESS) {
    instance_ = VK_NULL_HANDLE;
    return std::string("vkCreateInstance: ") + result_name(r) +
           (r == VK_ERROR_INCOMPATIBLE_DRIVER ? " (no driver is installed)" : "");
  }
  if (std::string missing = load_functions(loader_, instance_, &functions_); !missing.empty()) {
    return "the Vulkan loader has no " + missing;
  }
  if (!validates_) return "";
  const VkResult r =
      functions_.CreateDebugUtilsMessenger(instance_, &messages, nullptr, &messenger_);
  return r == VK_SUCCESS ? "" : std::string("vkCreateDebugUtilsMessengerEXT: ") + result_name(r);
}

std::string Instance::find_devices() {
  uint32_t count = 0;
  functions_.EnumeratePhysicalDevices(instance_, &count, nullptr);
  std::vector<VkPhysicalDevice> handles(count);
  const VkResult r = functions_.EnumeratePhysicalDevices(instance_, &count, handles.data());
  if (r < 0) return std::string("vkEnumeratePhysicalDevices: ") + result_name(r);
  handles.resize(count);
  if (handles.empty()) return "no driver offers a device (Debian: mesa-vulkan-drivers)";

  const char* wish = std::getenv("TESSERA_VULKAN_DEVICE");
  std::string refused;
  for (uint32_t i = 0; i < handles.size(); ++i) {
    PhysicalDevice device;
    std::string why = describe_physical_device(functions_, handles[i], &device);
    if (why.empty() && wish != nullptr && *wish != '\0' && !matches_wish(device, i, wish)) {
      why = std::string("TESSERA_VULKAN_DEVICE asks for '") + wish + "'";
    }
    if (why.empty()) {
      devices_.push_back(std::move(device));
    } else {
      refused +=
          (refused.empty() ? "" : "; ") + std::string(device.properties.deviceName) + ": " + why;
    }
  }
  std::stable_sort(devices_.begin(), devices_.end(),
                   [](const PhysicalDevice& a, const PhysicalDevice& b) {
                     return preference(a) < preference(b);
                   });
  return devices_.empty() ? refused : "";
}

}  // namespace tessera::vulkan
