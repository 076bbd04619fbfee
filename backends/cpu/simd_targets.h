// SPDX-License-Identifier: Apache-2.0
//
// The instruction sets that the plugin is compiled for: AVX-512, AVX2 and the compiler's baseline
// on x86, what Highway offers elsewhere. Fewer than Highway could do, as each one adds to the size
// of the plugin. Include before anything of Highway's.
#ifndef TESSERA_BACKENDS_CPU_SIMD_TARGETS_H_
#define TESSERA_BACKENDS_CPU_SIMD_TARGETS_H_

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)

#endif  // TESSERA_BACKENDS_CPU_SIMD_TARGETS_H_
