// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/build_defs/tests/toy.h"

#include "absl/strings/str_cat.h"

namespace {

int length(const char* text, int number) {
  return static_cast<int>(absl::StrCat(text, number).size());
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const Toy tessera_plugin;
const Toy tessera_plugin = {kToyMagic, &length};
