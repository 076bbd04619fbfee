// SPDX-License-Identifier: Apache-2.0
//
// What memory the libraries of this process occupy: lets pointers that a plugin claims be checked
// before they are followed.
#ifndef TESSERA_BACKENDS_RUNTIME_LOADED_MEMORY_H_
#define TESSERA_BACKENDS_RUNTIME_LOADED_MEMORY_H_

#include <cstdint>

namespace tessera {

// True if [address, address + size) stands in one readable segment of the library (or program) in
// whose memory `library` points.
bool is_data_of_library(const void* library, const void* address, uint64_t size);

// True if `address` stands in an executable segment of any loaded library.
bool is_code(const void* address);

// The size in bytes of the exported data object that begins at `address`, as the library's symbol
// table states it. 0 if there is no such object, or if it is a function.
uint64_t exported_object_size(const void* address);

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_LOADED_MEMORY_H_
