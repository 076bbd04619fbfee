// SPDX-License-Identifier: Apache-2.0
//
// All tensor functions.
#ifndef TESSERA_TENSOR_OPS_OPS_H_
#define TESSERA_TENSOR_OPS_OPS_H_

// IWYU pragma: begin_exports
#include "tessera/tensor/index.h"
#include "tessera/tensor/ops/activation.h"
#include "tessera/tensor/ops/adaptive_pool.h"
#include "tessera/tensor/ops/attention.h"
#include "tessera/tensor/ops/batch_norm.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/conv.h"
#include "tessera/tensor/ops/conv_pool.h"
#include "tessera/tensor/ops/conv_transpose.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/einsum.h"
#include "tessera/tensor/ops/extent.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/fold.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/interpolate.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/layer_norm.h"
#include "tessera/tensor/ops/linalg.h"
#include "tessera/tensor/ops/loss.h"
#include "tessera/tensor/ops/lstm.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/nonzero.h"
#include "tessera/tensor/ops/optimizer.h"
#include "tessera/tensor/ops/pad.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/pool.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/scan.h"
#include "tessera/tensor/ops/softmax.h"
#include "tessera/tensor/ops/statistics.h"
#include "tessera/tensor/ops/triangular.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/unique.h"
#include "tessera/tensor/ops/unpool.h"
#include "tessera/tensor/ops/vector_norm.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"
#include "tessera/tensor/tensor.h"
// IWYU pragma: end_exports

#endif  // TESSERA_TENSOR_OPS_OPS_H_
