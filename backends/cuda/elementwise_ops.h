// SPDX-License-Identifier: Apache-2.0
//
// What the files of elementwise kernels share: an op with its launches by dtype.
#ifndef TESSERA_BACKENDS_CUDA_ELEMENTWISE_OPS_H_
#define TESSERA_BACKENDS_CUDA_ELEMENTWISE_OPS_H_

#include <array>
#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

inline constexpr uint32_t kMaxElementwiseInputs = 3;

// What an op of a family looks like.
enum class ElementwiseForm : uint8_t {
  kSame,       // inputs and output of one dtype
  kToBool,     // inputs of one dtype, output bool
  kCondition,  // where: the first input is bool; bits are moved, not computed
};

struct ElementwiseOp {
  const char* name;
  uint32_t inputs;
  ElementwiseForm form;
  // By the dtype of the last input; null where the op has none.
  std::array<RunFunction, plugin::kDtypeCount> launches;
};

std::span<const ElementwiseOp> unary_ops();
std::span<const ElementwiseOp> binary_ops();
std::span<const ElementwiseOp> ternary_ops();
std::span<const ElementwiseOp> logical_ops();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ELEMENTWISE_OPS_H_
