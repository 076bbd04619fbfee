// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/pipeline_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tessera::vulkan {
namespace {

constexpr char kMagic[8] = {'T', 'S', 'R', 'V', 'K', 'P', 'C', '1'};
constexpr uint64_t kLargest = uint64_t{512} << 20;  // bytes that are read

struct Header {
  char magic[8];
  uint8_t uuid[VK_UUID_SIZE];  // of the driver
  uint32_t vendor, device;
  uint64_t size, checksum;  // of what follows
};

uint64_t checksum_of(const std::string& data) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (unsigned char c : data) hash = (hash ^ c) * 0x100000001b3u;
  return hash;
}

Header header_for(const PhysicalDevice& device, const std::string& data) {
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  std::memcpy(header.uuid, device.uuid, VK_UUID_SIZE);
  header.vendor = device.properties.vendorID;
  header.device = device.properties.deviceID;
  header.size = data.size();
  header.checksum = checksum_of(data);
  return header;
}

std::string cache_folder() {
  if (const char* own = std::getenv("TESSERA_VULKAN_CACHE")) return own;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg != '\0') {
    return std::string(xdg) + "/tessera";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.cache/tessera" : "";
}

}  // namespace

std::string pipeline_file_path(const PhysicalDevice& device) {
  const std::string folder = cache_folder();
  if (folder.empty()) return "";
  char name[96];
  int length = std::snprintf(name, sizeof name, "/vulkan-%04x-%04x-", device.properties.vendorID,
                             device.properties.deviceID);
  for (uint8_t byte : device.uuid) {
    length += std::snprintf(name + length, sizeof name - length, "%02x", byte);
  }
  return folder + name + ".bin";
}

std::string read_pipeline_file(const std::string& path, const PhysicalDevice& device,
                               std::string* data) {
  data->clear();
  std::ifstream file(path, std::ios::binary);
  if (!file) return "";
  Header header;
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return "it is too short";
  if (header.size > kLargest) return "it claims to be larger than any is";
  std::string read(std::istreambuf_iterator<char>(file), {});
  if (read.size() != header.size) return "it has another length than it says";
  const Header wanted = header_for(device, read);
  if (std::memcmp(&header, &wanted, sizeof header) != 0) {
    return header.checksum != wanted.checksum ? "its checksum is wrong" : "it is of another driver";
  }
  *data = std::move(read);
  return "";
}

std::string write_pipeline_file(const std::string& path, const PhysicalDevice& device,
                                const std::string& data) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  const std::string partial = path + "." + std::to_string(getpid());
  const Header header = header_for(device, data);
  {
    std::ofstream file(partial, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
    file.write(data.data(), static_cast<std::streamsize>(data.size()));
    file.flush();
    if (!file) {
      const std::string why = std::strerror(errno);
      std::filesystem::remove(partial, error);
      return path + ": " + why;
    }
  }
  std::filesystem::rename(partial, path, error);
  if (!error) return "";
  const std::string why = error.message();
  std::filesystem::remove(partial, error);
  return path + ": " + why;
}

}  // namespace tessera::vulkan
