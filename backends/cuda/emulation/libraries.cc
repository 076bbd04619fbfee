// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/emulation/libraries.h"

#include <map>

#include "tessera/backends/cuda/emulation/cublaslt.h"

namespace tessera::cuda::emulation {
namespace {

using Functions = std::map<std::string, void*>;

#define TESSERA_ENTRY(name) {#name, reinterpret_cast<void*>(&name)},

std::map<std::string, Functions>& libraries() {
  static auto& all = *new std::map<std::string, Functions>{
      {"libcublasLt.so.13", {TESSERA_EMULATED_CUBLASLT(TESSERA_ENTRY)}},
  };
  return all;
}

}  // namespace

void* open_library(const std::string& file) {
  const auto found = libraries().find(file);
  return found != libraries().end() ? &found->second : nullptr;
}

void* find_function(void* library, const std::string& name) {
  const Functions& functions = *static_cast<Functions*>(library);
  const auto found = functions.find(name);
  return found != functions.end() ? found->second : nullptr;
}

}  // namespace tessera::cuda::emulation
