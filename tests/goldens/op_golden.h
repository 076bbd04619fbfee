// SPDX-License-Identifier: Apache-2.0
//
// Holds functions of tensors to the cases that op_cases.py writes: values, dtypes, gradients.
//
//   TEST(PointwiseGoldens, EveryCase) { check_ops("pointwise", {{"frac", unary(frac)}, ...}); }
#ifndef TESSERA_TESTS_GOLDENS_OP_GOLDEN_H_
#define TESSERA_TESTS_GOLDENS_OP_GOLDEN_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tessera/tensor/tensor.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {

// Computes a case's outputs from its inputs; the case's options are the function's arguments.
using Op = std::function<std::vector<Tensor>(const GoldenCase&, const std::vector<Tensor>&)>;

Op unary(Tensor (*f)(const Tensor&));
Op binary(Tensor (*f)(const Tensor&, const Tensor&));

// Nothing if the case has no such option.
std::optional<double> optional_number(const GoldenCase& golden, const std::string& key);

// Fails the test unless every case of <file>.safetensors that names an op is as `ops` computes it,
// and every one of `ops` has a case.
void check_ops(const std::string& file, const std::map<std::string, Op>& ops);

}  // namespace tessera::goldens

#endif  // TESSERA_TESTS_GOLDENS_OP_GOLDEN_H_
