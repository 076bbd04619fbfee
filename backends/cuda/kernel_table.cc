// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/kernel_table.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tessera/backends/cuda/arg_extreme.h"
#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/elementwise.h"
#include "tessera/backends/cuda/fold.h"
#include "tessera/backends/cuda/gather.h"
#include "tessera/backends/cuda/matmul.h"
#include "tessera/backends/cuda/optimizer.h"
#include "tessera/backends/cuda/random.h"
#include "tessera/backends/cuda/reduce.h"
#include "tessera/backends/cuda/scan.h"
#include "tessera/backends/cuda/shape.h"
#include "tessera/backends/cuda/sort.h"

namespace tessera::cuda {
namespace {

bool before(const KernelEntry& a, const KernelEntry& b) { return std::strcmp(a.op, b.op) < 0; }

std::vector<KernelEntry> sorted_kernels() {
  std::vector<KernelEntry> all;
  // clang-format off
  for (std::span<const KernelEntry> family : {
           arg_extreme_kernels(),
           copy_kernels(),
           elementwise_kernels(),
           fold_kernels(),
           gather_kernels(),
           matmul_kernels(),
           optimizer_kernels(),
           random_kernels(),
           reduce_kernels(),
           scan_kernels(),
           shape_kernels(),
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
  static const auto* kernels = new std::vector<KernelEntry>(sorted_kernels());
  const KernelEntry wanted = {op, {}};
  const auto found = std::lower_bound(kernels->begin(), kernels->end(), wanted, before);
  if (found == kernels->end() || std::strcmp(found->op, op) != 0) return nullptr;
  return &found->kernel;
}

}  // namespace tessera::cuda
