// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/elementwise_launch.h"
#include "tessera/backends/elementwise/ops.h"

namespace tessera::cuda {

std::span<const ElementwiseOp> ternary_ops() {
  using elementwise::Domain;
#define TESSERA_OP(Type, name, domain) \
  make_elementwise<elementwise::Type, 3, Domain::domain>(#name),
  static constexpr ElementwiseOp kOps[] = {TESSERA_TERNARY_OPS(TESSERA_OP)};
#undef TESSERA_OP
  return kOps;
}

}  // namespace tessera::cuda
