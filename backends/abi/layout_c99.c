// SPDX-License-Identifier: Apache-2.0
//
// Compiled as strict C99, which is a test of the header in itself.
#include "tessera/backends/abi/layout_c99.h"

#include "tessera/backends/abi/tessera_plugin.h"

const LayoutLine* layout_as_c99(void) {
  static const LayoutLine lines[] = {
#define STRUCT(type) {#type, 0, sizeof(type)},
#define FIELD(type, field) {#type "." #field, offsetof(type, field), sizeof(((type*)0)->field)},
#include "tessera/backends/abi/layout_fields.inc"
      {NULL, 0, 0}};
  return lines;
}
