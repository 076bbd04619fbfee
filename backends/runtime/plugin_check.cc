// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/plugin_check.h"

#include <cstddef>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/api_table.h"
#include "tessera/backends/runtime/loaded_memory.h"

namespace tessera {
namespace {

// The first fields, which every version of TsrPlugin has: struct_size, magic, abi_major, abi_minor.
constexpr uint64_t kFirstFields = offsetof(TsrPlugin, api_size);

// What minor version 0 had.
constexpr uint64_t kSmallestPlugin = offsetof(TsrPlugin, api) + sizeof(TsrPlugin::api);

// No struct of the interface gets larger than this in any minor version.
constexpr uint64_t kLargestStruct = 1 << 16;

struct NamedSize {
  const char* name;
  uint64_t TsrPlugin::*stated;
  uint64_t by_minor[TSR_ABI_MINOR + 1];  // what each minor version had
};

constexpr NamedSize kSizes[] = {
    {"TsrPlugin",
     &TsrPlugin::struct_size,
     {sizeof(TsrPlugin), sizeof(TsrPlugin), sizeof(TsrPlugin)}},
    {"TsrBackendApi",
     &TsrPlugin::api_size,
     {offsetof(TsrBackendApi, graph_create), offsetof(TsrBackendApi, set_option),
      sizeof(TsrBackendApi)}},
    {"TsrHost", &TsrPlugin::host_size, {sizeof(TsrHost), sizeof(TsrHost), sizeof(TsrHost)}},
    {"TsrNode", &TsrPlugin::node_size, {sizeof(TsrNode), sizeof(TsrNode), sizeof(TsrNode)}},
    {"TsrTensor",
     &TsrPlugin::tensor_size,
     {sizeof(TsrTensor), sizeof(TsrTensor), sizeof(TsrTensor)}},
    {"TsrBuffer",
     &TsrPlugin::buffer_size,
     {sizeof(TsrBuffer), sizeof(TsrBuffer), sizeof(TsrBuffer)}},
    {"TsrKernel",
     &TsrPlugin::kernel_size,
     {sizeof(TsrKernel), sizeof(TsrKernel), sizeof(TsrKernel)}},
};

struct NamedFunction {
  const char* name;
  size_t offset;
  uint32_t minor;
};

constexpr NamedFunction kFunctions[] = {
#define TESSERA_NAME(name, minor) {#name, offsetof(TsrBackendApi, name), minor},
    TESSERA_FOR_EACH_API_FUNCTION(TESSERA_NAME)
#undef TESSERA_NAME
};
static_assert(kFunctions[0].offset == sizeof(uint64_t) &&
                  sizeof(kFunctions) / sizeof(kFunctions[0]) * sizeof(void (*)()) +
                          sizeof(uint64_t) ==
                      sizeof(TsrBackendApi),
              "TESSERA_FOR_EACH_API_FUNCTION lists every function of TsrBackendApi");

absl::Status refusal(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
}

std::string hex(uint64_t value) { return absl::StrCat("0x", absl::Hex(value, absl::kZeroPad16)); }

std::string version(uint32_t major, uint32_t minor) { return absl::StrCat(major, ".", minor); }

absl::Status check_sizes(const TsrPlugin& plugin, std::string_view where) {
  const uint32_t minor = plugin.abi_minor;
  const bool known = minor <= TSR_ABI_MINOR;
  for (const NamedSize& size : kSizes) {
    const uint64_t stated = plugin.*size.stated;
    const uint64_t expected = size.by_minor[known ? minor : TSR_ABI_MINOR];
    const bool fits = known ? stated == expected
                            : stated >= expected && stated <= kLargestStruct && stated % 8 == 0;
    if (fits) continue;
    return refusal(where, absl::StrCat("states that ", size.name, " has ", stated, " bytes; ABI ",
                                       version(TSR_ABI_MAJOR, minor), " has ",
                                       known ? absl::StrCat(expected)
                                             : absl::StrCat("a multiple of 8, ", expected, " to ",
                                                            kLargestStruct)));
  }
  return absl::OkStatus();
}

absl::Status check_name(const TsrPlugin& plugin, std::string_view where) {
  const size_t length = strnlen(plugin.name, sizeof(plugin.name));
  const std::string_view name(plugin.name, length);
  if (length == sizeof(plugin.name) || !is_backend_name(name)) {
    return refusal(where,
                   absl::StrCat("its name is \"", absl::CHexEscape(name), "\"; expected at most ",
                                sizeof(plugin.name) - 1, " of a-z, 0-9 and _, a letter first"));
  }
  if (strnlen(plugin.build_id, sizeof(plugin.build_id)) == sizeof(plugin.build_id)) {
    return refusal(where,
                   absl::StrCat("its build_id has no NUL in ", sizeof(plugin.build_id), " bytes"));
  }
  return absl::OkStatus();
}

absl::Status check_api(const TsrPlugin& plugin, Probe probe, std::string_view where) {
  const TsrBackendApi* api = plugin.api;
  if (api == nullptr) return refusal(where, "its function table (TsrPlugin.api) is NULL");
  if (reinterpret_cast<uintptr_t>(api) % alignof(TsrBackendApi) != 0 ||
      (probe == Probe::kLibrary && !is_data_of_library(&plugin, api, plugin.api_size))) {
    return refusal(where, absl::StrCat("its function table (TsrPlugin.api) of ", plugin.api_size,
                                       " bytes at ", hex(reinterpret_cast<uintptr_t>(api)),
                                       " is not aligned data of the library"));
  }
  if (api->struct_size != plugin.api_size) {
    return refusal(where, absl::StrCat("TsrBackendApi.struct_size is ", api->struct_size,
                                       ", but TsrPlugin.api_size is ", plugin.api_size));
  }
  for (const NamedFunction& function : kFunctions) {
    if (function.offset + sizeof(void*) > plugin.api_size) break;
    const void* address = nullptr;
    std::memcpy(&address, reinterpret_cast<const char*>(api) + function.offset, sizeof(address));
    if (address == nullptr) {
      if (function.minor > 0) continue;
      return refusal(where, absl::StrCat("its function ", function.name, " is NULL"));
    }
    if (probe == Probe::kLibrary && !is_code(address)) {
      return refusal(where, absl::StrCat("its function ", function.name, " at ",
                                         hex(reinterpret_cast<uintptr_t>(address)),
                                         " is not code of any loaded library"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool is_backend_name(std::string_view name) {
  if (name.empty() || name.size() >= sizeof(TsrPlugin::name) || !absl::ascii_islower(name[0])) {
    return false;
  }
  for (char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_') return false;
  }
  return true;
}

absl::Status check_plugin(const TsrPlugin* plugin, Probe probe, std::string_view where) {
  const uint64_t size =
      probe == Probe::kLibrary ? exported_object_size(plugin) : plugin->struct_size;
  if (reinterpret_cast<uintptr_t>(plugin) % alignof(TsrPlugin) != 0 || size < kFirstFields ||
      (probe == Probe::kLibrary && !is_data_of_library(plugin, plugin, size))) {
    return refusal(where, "its " TSR_PLUGIN_SYMBOL " is not an aligned data object");
  }
  if (plugin->magic != TSR_PLUGIN_MAGIC) {
    return refusal(where, absl::StrCat("its magic is ", hex(plugin->magic), ", expected ",
                                       hex(TSR_PLUGIN_MAGIC)));
  }
  if (plugin->abi_major != TSR_ABI_MAJOR) {
    return absl::FailedPreconditionError(
        absl::StrCat(where, ": it was built for ABI ",
                     version(plugin->abi_major, plugin->abi_minor), ", this program for ",
                     version(TSR_ABI_MAJOR, TSR_ABI_MINOR), "; the first numbers must be equal"));
  }
  if (size < kSmallestPlugin || size < plugin->struct_size) {
    return refusal(where, absl::StrCat("states that TsrPlugin has ", plugin->struct_size,
                                       " bytes, but its " TSR_PLUGIN_SYMBOL " has ", size));
  }
  if (absl::Status status = check_sizes(*plugin, where); !status.ok()) return status;
  if (absl::Status status = check_name(*plugin, where); !status.ok()) return status;
  return check_api(*plugin, probe, where);
}

}  // namespace tessera
