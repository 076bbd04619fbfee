// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/kernel_table.h"

#include "tessera/backends/cuda/arg_extreme.h"
#include "tessera/backends/cuda/attention.h"
#include "tessera/backends/cuda/batch_norm.h"
#include "tessera/backends/cuda/conv.h"
#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/cross_entropy.h"
#include "tessera/backends/cuda/elementwise.h"
#include "tessera/backends/cuda/fold.h"
#include "tessera/backends/cuda/gather.h"
#include "tessera/backends/cuda/layer_norm.h"
#include "tessera/backends/cuda/lstm.h"
#include "tessera/backends/cuda/matmul.h"
#include "tessera/backends/cuda/optimizer.h"
#include "tessera/backends/cuda/pool.h"
#include "tessera/backends/cuda/random.h"
#include "tessera/backends/cuda/reduce.h"
#include "tessera/backends/cuda/scan.h"
#include "tessera/backends/cuda/shape.h"
#include "tessera/backends/cuda/softmax.h"
#include "tessera/backends/cuda/sort.h"

namespace tessera::cuda {

const TsrKernel* find_kernel(const char* op) {
  // clang-format off
  static const auto* table = new plugin::KernelTable({
      arg_extreme_kernels(),
      attention_kernels(),
      batch_norm_kernels(),
      conv_kernels(),
      copy_kernels(),
      cross_entropy_kernels(),
      elementwise_kernels(),
      fold_kernels(),
      gather_kernels(),
      layer_norm_kernels(),
      lstm_kernels(),
      matmul_kernels(),
      optimizer_kernels(),
      pool_kernels(),
      random_kernels(),
      reduce_kernels(),
      scan_kernels(),
      shape_kernels(),
      softmax_kernels(),
      sort_kernels(),
  });
  // clang-format on
  return table->find(op);
}

}  // namespace tessera::cuda
