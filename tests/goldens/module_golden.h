// SPDX-License-Identifier: Apache-2.0
//
// Compares modules with the cases that module_case.py recorded.
//
//   for (const GoldenCase& golden : load_goldens("norms", "LayerNorm/")) {
//     nn::LayerNorm norm(7);
//     check_module(golden, norm);
//   }
#ifndef TESSERA_TESTS_GOLDENS_MODULE_GOLDEN_H_
#define TESSERA_TESTS_GOLDENS_MODULE_GOLDEN_H_

#include <functional>
#include <vector>

#include "tessera/nn/module.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {

// Runs the module on the case's inputs (undefined where the case has none) and returns its outputs.
using CallModule = std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>;

// Gives `module` the case's state, runs it in float64, and compares outputs, gradients of inputs
// and parameters, the state afterwards, names, and the printed form. exp and tanh of the backends
// are right to some ulps, hence the tolerance.
void check_module(const GoldenCase& golden, nn::Module& module, const CallModule& call,
                  double tolerance = 1e-11);
// For a module of one tensor.
void check_module(const GoldenCase& golden, nn::Module& module, double tolerance = 1e-11);

}  // namespace tessera::goldens

#endif  // TESSERA_TESTS_GOLDENS_MODULE_GOLDEN_H_
