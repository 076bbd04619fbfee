// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "tessera/tools/build_defs/tests/toy.h"

namespace {

TEST(PluginRule, BuildsALibraryWhoseEntryLiesInADependency) {
  const std::string runfiles =
      std::string(std::getenv("TEST_SRCDIR")) + "/" + std::getenv("TEST_WORKSPACE");
  const std::string path = runfiles + "/tools/build_defs/tests/tessera_toy.so";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto* toy = static_cast<const Toy*>(dlsym(library, "tessera_plugin"));
  ASSERT_NE(toy, nullptr) << dlerror();
  EXPECT_EQ(toy->magic, kToyMagic);
  EXPECT_EQ(toy->length("ab", 345), 5);
}

}  // namespace
