// SPDX-License-Identifier: Apache-2.0
//
// All tensor functions.
#ifndef TESSERA_TENSOR_OPS_OPS_H_
#define TESSERA_TENSOR_OPS_OPS_H_

#include "tessera/tensor/index.h"            // IWYU pragma: export
#include "tessera/tensor/ops/activation.h"   // IWYU pragma: export
#include "tessera/tensor/ops/attention.h"    // IWYU pragma: export
#include "tessera/tensor/ops/batch_norm.h"   // IWYU pragma: export
#include "tessera/tensor/ops/binary.h"       // IWYU pragma: export
#include "tessera/tensor/ops/conv.h"         // IWYU pragma: export
#include "tessera/tensor/ops/copy.h"         // IWYU pragma: export
#include "tessera/tensor/ops/einsum.h"       // IWYU pragma: export
#include "tessera/tensor/ops/factory.h"      // IWYU pragma: export
#include "tessera/tensor/ops/gather.h"       // IWYU pragma: export
#include "tessera/tensor/ops/join.h"         // IWYU pragma: export
#include "tessera/tensor/ops/layer_norm.h"   // IWYU pragma: export
#include "tessera/tensor/ops/linalg.h"       // IWYU pragma: export
#include "tessera/tensor/ops/loss.h"         // IWYU pragma: export
#include "tessera/tensor/ops/matmul.h"       // IWYU pragma: export
#include "tessera/tensor/ops/nonzero.h"      // IWYU pragma: export
#include "tessera/tensor/ops/optimizer.h"    // IWYU pragma: export
#include "tessera/tensor/ops/pointwise.h"    // IWYU pragma: export
#include "tessera/tensor/ops/pool.h"         // IWYU pragma: export
#include "tessera/tensor/ops/random.h"       // IWYU pragma: export
#include "tessera/tensor/ops/reduce.h"       // IWYU pragma: export
#include "tessera/tensor/ops/scan.h"         // IWYU pragma: export
#include "tessera/tensor/ops/softmax.h"      // IWYU pragma: export
#include "tessera/tensor/ops/statistics.h"   // IWYU pragma: export
#include "tessera/tensor/ops/triangular.h"   // IWYU pragma: export
#include "tessera/tensor/ops/unary.h"        // IWYU pragma: export
#include "tessera/tensor/ops/unique.h"       // IWYU pragma: export
#include "tessera/tensor/ops/vector_norm.h"  // IWYU pragma: export
#include "tessera/tensor/ops/view.h"         // IWYU pragma: export
#include "tessera/tensor/ops/window.h"       // IWYU pragma: export
#include "tessera/tensor/tensor.h"           // IWYU pragma: export

#endif  // TESSERA_TENSOR_OPS_OPS_H_
