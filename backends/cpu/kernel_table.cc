// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/kernel_table.h"

#include "tessera/backends/cpu/arg_extreme.h"
#include "tessera/backends/cpu/attention.h"
#include "tessera/backends/cpu/batch_norm.h"
#include "tessera/backends/cpu/conv.h"
#include "tessera/backends/cpu/copy.h"
#include "tessera/backends/cpu/cross_entropy.h"
#include "tessera/backends/cpu/elementwise.h"
#include "tessera/backends/cpu/elementwise_chain.h"
#include "tessera/backends/cpu/fold.h"
#include "tessera/backends/cpu/gather.h"
#include "tessera/backends/cpu/layer_norm.h"
#include "tessera/backends/cpu/linalg.h"
#include "tessera/backends/cpu/lstm.h"
#include "tessera/backends/cpu/matmul.h"
#include "tessera/backends/cpu/optimizer.h"
#include "tessera/backends/cpu/pool.h"
#include "tessera/backends/cpu/random.h"
#include "tessera/backends/cpu/reduce.h"
#include "tessera/backends/cpu/scan.h"
#include "tessera/backends/cpu/shape.h"
#include "tessera/backends/cpu/softmax.h"
#include "tessera/backends/cpu/sort.h"

namespace tessera::cpu {

const TsrKernel* find_kernel(const char* op) {
  // clang-format off
  static const auto* table = new plugin::KernelTable({
      arg_extreme_kernels(),
      batch_norm_kernels(),
      attention_kernels(),
      conv_kernels(),
      copy_kernels(),
      cross_entropy_kernels(),
      elementwise_chain_kernels(),
      elementwise_kernels(),
      fold_kernels(),
      gather_kernels(),
      layer_norm_kernels(),
      linalg_kernels(),
      lstm_kernels(),
      matmul_kernels(),
      optimizer_kernels(),
      pool_kernels(),
      random_kernels(),
      reduction_kernels(),
      scan_kernels(),
      shape_kernels(),
      softmax_kernels(),
      sort_kernels(),
  });
  // clang-format on
  return table->find(op);
}

}  // namespace tessera::cpu
