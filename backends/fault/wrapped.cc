// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/fault/wrapped.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace tessera::fault {
namespace {

// Where the library stands that this function is linked into.
std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&open_wrapped), &info) == 0) return ".";
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/'));
}

std::vector<std::string> candidates(const std::string& wanted) {
  if (wanted.find('/') != std::string::npos) return {wanted};
  const std::string file = "tessera_" + wanted + ".so";
  return {own_folder() + "/" + file, own_folder() + "/../" + wanted + "/" + file};
}

}  // namespace

std::string open_wrapped(TsrBackendApi* api) {
  const char* variable = std::getenv("TESSERA_FAULT_WRAPS");
  const std::string wanted = variable == nullptr || *variable == '\0' ? "cpu" : variable;
  std::string tried;
  for (const std::string& path : candidates(wanted)) {
    tried += tried.empty() ? path : ", " + path;
    if (access(path.c_str(), F_OK) != 0) continue;
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return "cannot wrap " + path + ": " + dlerror();
    const auto* plugin = static_cast<const TsrPlugin*>(dlsym(library, TSR_PLUGIN_SYMBOL));
    if (plugin == nullptr || plugin->magic != TSR_PLUGIN_MAGIC ||
        plugin->abi_major != TSR_ABI_MAJOR) {
      return "cannot wrap " + path + ": no plugin of ABI " + std::to_string(TSR_ABI_MAJOR);
    }
    *api = {};
    std::memcpy(api, plugin->api, std::min<uint64_t>(plugin->api_size, sizeof(*api)));
    return "";
  }
  return "nothing to wrap: TESSERA_FAULT_WRAPS is \"" + wanted + "\"; looked for " + tried;
}

}  // namespace tessera::fault
