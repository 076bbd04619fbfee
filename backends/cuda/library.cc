// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/library.h"

#include <cstdlib>
#include <vector>

#if defined(TESSERA_CUDA_EMULATION)
#include "tessera/backends/cuda/emulation/libraries.h"
#else
#include <dlfcn.h>
#endif

namespace tessera::cuda {
namespace {

#if defined(TESSERA_CUDA_EMULATION)

void* open(const std::string& file, std::string* why) {
  void* const handle = emulation::open_library(file);
  if (handle == nullptr) *why = file + ": it is not emulated";
  return handle;
}
void* find_symbol(void* handle, const char* name) { return emulation::find_function(handle, name); }

#else

void* open(const std::string& file, std::string* why) {
  std::vector<std::string> paths = {file};
  if (const char* toolkit = std::getenv("CUDA_PATH"); toolkit != nullptr && *toolkit != '\0') {
    paths.push_back(std::string(toolkit) + "/lib64/" + file);
  }
#if defined(TESSERA_CUDA_TOOLKIT)
  paths.push_back(TESSERA_CUDA_TOOLKIT "/lib64/" + file);
#endif
  for (const std::string& path : paths) {
    if (void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    const char* error = dlerror();
    *why += (why->empty() ? "" : "; ") + std::string(error != nullptr ? error : path.c_str());
  }
  return nullptr;
}
void* find_symbol(void* handle, const char* name) { return dlsym(handle, name); }

#endif

}  // namespace

Library::Library(const char* file) : file_(file) {
  const char* wish = std::getenv("TESSERA_CUDA_LIBRARIES");
  if (wish != nullptr && std::string(wish) == "none") {
    why_ = file_ + ": TESSERA_CUDA_LIBRARIES is none";
    return;
  }
  handle_ = open(file_, &why_);
  if (handle_ != nullptr) why_.clear();
}

void* Library::find_address(const char* name) {
  if (handle_ == nullptr) return nullptr;
  void* const address = find_symbol(handle_, name);
  if (address == nullptr) why_ = file_ + " has no function " + name;
  return address;
}

}  // namespace tessera::cuda
