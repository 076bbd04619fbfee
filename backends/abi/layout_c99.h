// SPDX-License-Identifier: Apache-2.0
//
// The layout of the interface as a C99 compiler sees it.
#ifndef TESSERA_BACKENDS_ABI_LAYOUT_C99_H_
#define TESSERA_BACKENDS_ABI_LAYOUT_C99_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct LayoutLine {
  const char* what;  // "TsrHost", "TsrHost.log"
  size_t offset;     // of a field, 0 for a struct
  size_t size;
} LayoutLine;

// Ends with a line whose `what` is NULL.
const LayoutLine* layout_as_c99(void);

#ifdef __cplusplus
}
#endif

#endif  // TESSERA_BACKENDS_ABI_LAYOUT_C99_H_
