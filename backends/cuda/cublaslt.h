// SPDX-License-Identifier: Apache-2.0
//
// The functions that are used of cuBLASLt, by their own names.
#ifndef TESSERA_BACKENDS_CUDA_CUBLASLT_H_
#define TESSERA_BACKENDS_CUDA_CUBLASLT_H_

#include <string>

#include "tessera/backends/cuda/runtime.h"

#if defined(TESSERA_CUDA_EMULATION)
#include "tessera/backends/cuda/emulation/cublaslt.h"
#else
#include <cublasLt.h>
#endif

#define TESSERA_CUBLASLT_FUNCTIONS(FUNCTION)     \
  FUNCTION(cublasLtCreate)                       \
  FUNCTION(cublasLtDestroy)                      \
  FUNCTION(cublasLtGetStatusName)                \
  FUNCTION(cublasLtMatmulDescCreate)             \
  FUNCTION(cublasLtMatmulDescDestroy)            \
  FUNCTION(cublasLtMatmulDescSetAttribute)       \
  FUNCTION(cublasLtMatrixLayoutCreate)           \
  FUNCTION(cublasLtMatrixLayoutDestroy)          \
  FUNCTION(cublasLtMatrixLayoutSetAttribute)     \
  FUNCTION(cublasLtMatmulPreferenceCreate)       \
  FUNCTION(cublasLtMatmulPreferenceDestroy)      \
  FUNCTION(cublasLtMatmulPreferenceSetAttribute) \
  FUNCTION(cublasLtMatmulAlgoGetHeuristic)       \
  FUNCTION(cublasLtMatmul)

namespace tessera::cuda {

struct CublasLt {
#define TESSERA_FUNCTION(name) decltype(&::name) name = nullptr;
  TESSERA_CUBLASLT_FUNCTIONS(TESSERA_FUNCTION)
#undef TESSERA_FUNCTION
};

// Null, with the reason in *why, if the library or one of the functions is not there. The first
// call decides, and opens it. Thread-safe.
const CublasLt* open_cublaslt(std::string* why);

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_CUBLASLT_H_
