// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/cublaslt.h"

#include "tessera/backends/cuda/library.h"

namespace tessera::cuda {
namespace {

// Version 13 comes with CUDA 13, whose headers this is compiled with.
struct Opened {
  Library library{"libcublasLt.so.13"};
  CublasLt functions;

  Opened() {
#define TESSERA_FIND(name) library.find(#name, &functions.name);
    TESSERA_CUBLASLT_FUNCTIONS(TESSERA_FIND)
#undef TESSERA_FIND
  }
};

}  // namespace

const CublasLt* open_cublaslt(std::string* why) {
  static const Opened& opened = *new Opened;
  *why = opened.library.why();
  return why->empty() ? &opened.functions : nullptr;
}

}  // namespace tessera::cuda
