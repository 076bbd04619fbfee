// SPDX-License-Identifier: Apache-2.0
//
// Loads a plugin of Tessera's from a program of another workspace.

#include <cstdio>
#include <cstring>
#include <string>

#include "absl/base/config.h"
#include "absl/strings/str_cat.h"
#include "tensor/tensor.h"
#include "tessera/backends/runtime/registry.h"

#define EMBEDDER_TEXT_OF(x) #x
#define EMBEDDER_TEXT(x) EMBEDDER_TEXT_OF(x)

static_assert(sizeof(host::Tensor) == 6 * sizeof(int), "tensor/tensor.h is the host's");

int main() {
  // The library was built with this workspace's Abseil: otherwise, linking would have failed, and
  // this says which one the headers are.
  if (std::strcmp(EMBEDDER_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME), "embedders_own") != 0) {
    std::puts("Abseil is not the embedder's");
    return 1;
  }
  auto backend = tessera::find_backend("null");
  if (!backend.ok()) {
    std::puts(absl::StrCat("no plugin: ", backend.status().message()).c_str());
    return 1;
  }
  std::puts(tessera::explain_backends().c_str());
  std::puts("device_program: OK");
}
