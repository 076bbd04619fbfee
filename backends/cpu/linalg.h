// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_LINALG_H_
#define TESSERA_BACKENDS_CPU_LINALG_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// linalg.cholesky, linalg.solve, linalg.solve_triangular, linalg.lu_factor
std::span<const KernelEntry> linalg_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_LINALG_H_
