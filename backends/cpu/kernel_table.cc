// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/kernel_table.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tessera/backends/cpu/arg_extreme.h"
#include "tessera/backends/cpu/attention.h"
#include "tessera/backends/cpu/batch_norm.h"
#include "tessera/backends/cpu/conv.h"
#include "tessera/backends/cpu/copy.h"
#include "tessera/backends/cpu/cross_entropy.h"
#include "tessera/backends/cpu/elementwise.h"
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
namespace {

bool before(const KernelEntry& a, const KernelEntry& b) { return std::strcmp(a.op, b.op) < 0; }

std::vector<KernelEntry> sorted_kernels() {
  std::vector<KernelEntry> all;
  // One a line, so that branches that add families merge.
  // clang-format off
  for (std::span<const KernelEntry> family : {
           arg_extreme_kernels(),
           batch_norm_kernels(),
           attention_kernels(),
           conv_kernels(),
           copy_kernels(),
           cross_entropy_kernels(),
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
       }) {
    // clang-format on
    all.insert(all.end(), family.begin(), family.end());
  }
  std::sort(all.begin(), all.end(), before);
  return all;
}

}  // namespace

const TsrKernel* find_kernel(const char* op) {
  static const std::vector<KernelEntry>& table = *new std::vector<KernelEntry>(sorted_kernels());
  const auto it = std::lower_bound(table.begin(), table.end(), KernelEntry{op, {}}, before);
  return it != table.end() && std::strcmp(it->op, op) == 0 ? &it->kernel : nullptr;
}

}  // namespace tessera::cpu
