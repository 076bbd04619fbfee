// SPDX-License-Identifier: Apache-2.0
//
// Linked into tests: makes the kernels use an older instruction set than the machine has. The
// environment variable TESSERA_CPU_TEST_TARGET says which: avx2, baseline, or nothing.
#include <cstdlib>
#include <string_view>

#include "hwy/targets.h"

namespace {

const bool limited = [] {
  const char* const value = std::getenv("TESSERA_CPU_TEST_TARGET");
  const std::string_view target = value == nullptr ? "" : value;
  if (target == "avx2") hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
  if (target == "baseline") {
    hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL | HWY_AVX2 | HWY_SSE4 | HWY_SSSE3);
  }
  return true;
}();

}  // namespace
