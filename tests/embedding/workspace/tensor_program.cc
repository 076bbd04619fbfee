// SPDX-License-Identifier: Apache-2.0
//
// Tensors alone, without autograd and nn, on the CPU plugin.

#include <cstdio>
#include <string_view>

#include "absl/base/config.h"
#include "tensor/tensor.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tensor/tensor.h"

#define EMBEDDER_TEXT_OF(x) #x
#define EMBEDDER_TEXT(x) EMBEDDER_TEXT_OF(x)

static_assert(sizeof(host::Tensor) == 6 * sizeof(int), "tensor/tensor.h is the host's");
// Tessera was compiled with this Abseil, or it would not link.
static_assert(std::string_view(EMBEDDER_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME)) == "embedders_own",
              "Abseil is the host's");

int main() {
  const tessera::Tensor x = tessera::tensor({1.0f, 2.0f, 3.0f, 4.0f}, {2, 2});
  const tessera::Tensor y = (x.matmul(x) + 1.0).sum();
  std::printf("%s: %g\n", y.device().name().c_str(), y.item<double>());
  if (y.item<double>() != 58) return 1;
  std::puts("tensor_program: OK");
}
