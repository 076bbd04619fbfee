// SPDX-License-Identifier: Apache-2.0
//
// The same through compile().
#ifndef TESSERA_TESTS_GOLDENS_COMPILED_H_
#define TESSERA_TESTS_GOLDENS_COMPILED_H_

#include <functional>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera::goldens {

// Runs `call` and, if its result requires one, the gradient of the result's sum; then the same as a
// compiled step, several times. Expects the same bits of the result and of the gradients of
// `leaves`. A step that is refused because it reads values is no failure.
void expect_same_compiled(const std::function<Tensor()>& call, std::vector<Tensor> leaves);

}  // namespace tessera::goldens

#endif  // TESSERA_TESTS_GOLDENS_COMPILED_H_
