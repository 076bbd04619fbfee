// SPDX-License-Identifier: Apache-2.0
//
// What the ops of linalg.cc are examined on.
#ifndef TESSERA_TENSOR_OPS_LINALG_SAMPLES_H_
#define TESSERA_TENSOR_OPS_LINALG_SAMPLES_H_

#include <vector>

#include "tessera/tensor/op_def.h"

namespace tessera {

std::vector<Sample> cholesky_samples(const OpDef&);
std::vector<Sample> solve_samples(const OpDef&);
std::vector<Sample> solve_triangular_samples(const OpDef&);
std::vector<Sample> lu_factor_samples(const OpDef&);
std::vector<Sample> det_samples(const OpDef&);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_LINALG_SAMPLES_H_
