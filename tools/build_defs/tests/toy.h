// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_BUILD_DEFS_TESTS_TOY_H_
#define TESSERA_TOOLS_BUILD_DEFS_TESTS_TOY_H_

// What the toy plugin exports under the name `tessera_plugin`.
struct Toy {
  int magic;
  int (*length)(const char* text, int number);  // of the two written one after the other
};

constexpr int kToyMagic = 42;

#endif  // TESSERA_TOOLS_BUILD_DEFS_TESTS_TOY_H_
