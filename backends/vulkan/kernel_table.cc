// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/kernel_table.h"

#include "tessera/backends/vulkan/arg_extreme.h"
#include "tessera/backends/vulkan/attention.h"
#include "tessera/backends/vulkan/batch_norm.h"
#include "tessera/backends/vulkan/conv.h"
#include "tessera/backends/vulkan/copy.h"
#include "tessera/backends/vulkan/cross_entropy.h"
#include "tessera/backends/vulkan/elementwise.h"
#include "tessera/backends/vulkan/fold.h"
#include "tessera/backends/vulkan/gather.h"
#include "tessera/backends/vulkan/layer_norm.h"
#include "tessera/backends/vulkan/lstm.h"
#include "tessera/backends/vulkan/matmul.h"
#include "tessera/backends/vulkan/optimizer.h"
#include "tessera/backends/vulkan/pool.h"
#include "tessera/backends/vulkan/random.h"
#include "tessera/backends/vulkan/reduce.h"
#include "tessera/backends/vulkan/scan.h"
#include "tessera/backends/vulkan/scatter.h"
#include "tessera/backends/vulkan/shape.h"
#include "tessera/backends/vulkan/softmax.h"
#include "tessera/backends/vulkan/sort.h"

namespace tessera::vulkan {

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
      scatter_kernels(),
      shape_kernels(),
      softmax_kernels(),
      sort_kernels(),
  });
  // clang-format on
  return table->find(op);
}

}  // namespace tessera::vulkan
