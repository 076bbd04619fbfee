// SPDX-License-Identifier: Apache-2.0
//
// Values as Python prints them, for extra_repr().
#ifndef TESSERA_NN_PYTHON_TEXT_H_
#define TESSERA_NN_PYTHON_TEXT_H_

#include <concepts>
#include <optional>
#include <string>

#include "tessera/tensor/shape.h"

namespace tessera::nn {

std::string python_text(std::same_as<bool> auto value) { return value ? "True" : "False"; }

// The shortest text that reads back as `value`: "0.1", "1.0", "1e-05", "1e+16", "inf".
std::string python_text(double value);
std::string python_text(std::optional<double> value);  // or "None"

// "(3, 4)", "(3,)"
std::string python_text(const Shape& shape);

}  // namespace tessera::nn

#endif  // TESSERA_NN_PYTHON_TEXT_H_
