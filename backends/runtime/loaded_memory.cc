// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/loaded_memory.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

namespace tessera {
namespace {

struct Range {
  uintptr_t first;
  uint64_t size;
};

// Whether `inner` stands in one PT_LOAD segment of `object` that has these flags.
bool has_segment_around(const dl_phdr_info& object, Range inner, uint32_t flags) {
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const auto& segment = object.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & flags) != flags) continue;
    const uintptr_t first = object.dlpi_addr + segment.p_vaddr;
    if (inner.first < first || inner.first - first > segment.p_memsz) continue;
    if (inner.size <= segment.p_memsz - (inner.first - first)) return true;
  }
  return false;
}

template <class Predicate>
bool any_object(Predicate predicate) {
  return dl_iterate_phdr(
             [](dl_phdr_info* object, size_t, void* data) {
               return (*static_cast<Predicate*>(data))(*object) ? 1 : 0;
             },
             &predicate) != 0;
}

uintptr_t number(const void* address) { return reinterpret_cast<uintptr_t>(address); }

}  // namespace

bool is_data_of_library(const void* library, const void* address, uint64_t size) {
  return any_object([&](const dl_phdr_info& object) {
    return has_segment_around(object, {number(library), 1}, PF_R) &&
           has_segment_around(object, {number(address), size}, PF_R);
  });
}

bool is_code(const void* address) {
  return any_object([&](const dl_phdr_info& object) {
    return has_segment_around(object, {number(address), 1}, PF_X);
  });
}

uint64_t exported_object_size(const void* address) {
  Dl_info info;
  const ElfW(Sym)* symbol = nullptr;
  if (dladdr1(address, &info, reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol)),
              RTLD_DL_SYMENT) == 0 ||
      symbol == nullptr || info.dli_saddr != address) {
    return 0;
  }
  return ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT ? symbol->st_size : 0;
}

}  // namespace tessera
