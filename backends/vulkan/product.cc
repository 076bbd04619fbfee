// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/product.h"

#include <algorithm>
#include <bit>

#include "tessera/backends/plugin/dtype.h"
#include "tessera/backends/vulkan/matmul.spv.h"
#include "tessera/backends/vulkan/matmul_cooperative.spv.h"
#include "tessera/backends/vulkan/matmul_skinny.spv.h"
#include "tessera/backends/vulkan/sum_splits.spv.h"
#include "tessera/backends/vulkan/tiles.h"

namespace tessera::vulkan {
namespace {

// Products with no more columns (or rows) are memory bound: no tile would be full.
constexpr int64_t kSkinny = 8;

// As matmul.glsl declares it.
struct Push {
  uint64_t a, b, bias, y;
  uint32_t m, n, k;
  uint32_t batches, splits, chunk;
  int32_t a_m, a_k, b_k, b_n, bias_m, bias_n, y_m, y_n;
  uint32_t inner_batches;
  int32_t batch_a[2], batch_b[2];
};

uint64_t groups_of(const Push& push, uint64_t tiles) { return tiles * push.batches; }

// Cuts the depth into `splits`, in units of `unit`.
void split_depth(Push* push, uint32_t splits, uint32_t unit) {
  push->chunk = (push->k + splits * unit - 1) / (splits * unit) * unit;
  push->splits = push->chunk == 0 ? 1 : (push->k + push->chunk - 1) / push->chunk;
  if (push->splits == 0) push->splits = 1;
}

// Calls dispatch(push, is_partial), and sums what it made where the depth is split.
template <class Dispatch>
void run_splits(Recorder& r, uint32_t dtype, Push push, uint32_t columns, int32_t bias_stride,
                Dispatch dispatch) {
  if (push.splits == 1) return dispatch(push, false);
  const uint64_t count = uint64_t{push.batches} * push.m * push.n;
  const uint64_t y = push.y, bias = push.bias;
  push.y = r.scratch(count * push.splits * value_bytes(dtype));
  push.bias = 0;
  dispatch(push, true);
  r.barrier();
  sum_splits(r, {.dtype = dtype,
                 .partial = push.y,
                 .splits = push.splits,
                 .count = count,
                 .y = y,
                 .bias = bias,
                 .bias_stride = bias_stride,
                 .columns = columns});
}

void run_tiled(Recorder& r, uint32_t dtype, Push push) {
  const Tile tile = choose_tile(r.physical(), dtype, push.batches, push.m, push.n, push.k);
  const uint64_t tiles =
      uint64_t{(push.m + tile.m - 1) / tile.m} * ((push.n + tile.n - 1) / tile.n);
  split_depth(&push, choose_splits(r.physical(), groups_of(push, tiles), push.k, 256, 1), tile.k);
  GemmConstants constants =
      gemm_constants(tile, push.a_k == 1 || push.a_m != 1, push.b_k == 1 && push.b_n != 1);
  const Shader& shader =
      tile.is_cooperative() ? shaders::matmul_cooperative(dtype) : shaders::matmul(dtype);
  run_splits(r, dtype, push, push.n, push.bias_n, [&](const Push& p, bool partial) {
    constants[8] = partial;
    r.dispatch_bytes(shader, constants, &p, sizeof p,
                     r.groups_for(groups_of(p, tiles) * p.splits, 1));
  });
}

// y^T = b^T a^T
Push transposed(const Push& p) {
  Push t = p;
  std::swap(t.a, t.b);
  std::swap(t.m, t.n);
  std::swap(t.y_m, t.y_n);
  std::swap(t.bias_m, t.bias_n);
  std::swap(t.batch_a, t.batch_b);
  t.a_m = p.b_n;
  t.a_k = p.b_k;
  t.b_k = p.a_k;
  t.b_n = p.a_m;
  return t;
}

void run_skinny(Recorder& r, uint32_t dtype, Push push) {
  const uint32_t y_columns = push.n;
  const int32_t bias_stride = push.bias_n;
  if (push.m < push.n) push = transposed(push);
  const bool along_depth = push.a_k == 1 || push.a_m != 1;
  const uint32_t threads =
      std::min<uint32_t>(256, r.physical().properties.limits.maxComputeWorkGroupInvocations);
  const uint32_t most_rows = std::bit_ceil(push.m),
                 most_depths = std::bit_ceil(std::max(push.k, 1u));
  // Few rows of a great depth are summed by many invocations each.
  const bool deep = push.k / 16 > push.m;
  uint32_t rows, depths;
  if (along_depth) {
    depths = std::min(most_depths, deep ? threads : 32);
    rows = std::min(most_rows, threads / depths);
  } else {
    rows = std::min(most_rows, deep ? 32 : threads);
    depths = std::min(most_depths, threads / rows);
  }
  const uint64_t tiles = (push.m + rows - 1) / rows;
  split_depth(&push,
              choose_splits(r.physical(), groups_of(push, tiles), push.k, depths * 16, depths),
              depths);
  run_splits(r, dtype, push, y_columns, bias_stride, [&](const Push& p, bool partial) {
    r.dispatch(shaders::matmul_skinny(dtype),
               {rows * depths, rows, depths, std::bit_ceil(p.n), along_depth, partial}, p,
               r.groups_for(groups_of(p, tiles) * p.splits, 1));
  });
}

}  // namespace

void Product::add_batch(int64_t size, int64_t a_stride, int64_t b_stride) {
  if (size == 1) return;
  if (batches.empty() && b_stride == 0 && (m == 1 || a_stride == m * a_m)) {
    if (m == 1) a_m = a_stride;
    m *= size;
    return;
  }
  if (!batches.empty()) {
    Dim& last = batches.back();
    if (a_stride == last.size * last.a && b_stride == last.size * last.b) {
      last.size *= size;
      return;
    }
  }
  batches.push_back({size, a_stride, b_stride});
}

void run_product(Recorder& r, const Product& product) {
  int64_t outer = 1;  // dispatches
  Push push = {};
  push.batches = push.inner_batches = 1;
  for (size_t i = 0; i < product.batches.size(); ++i) {
    const Product::Dim& dim = product.batches[i];
    if (i < 2) {
      push.batches *= static_cast<uint32_t>(dim.size);
      if (i == 0) push.inner_batches = push.batches;
      push.batch_a[1 - i] = static_cast<int32_t>(dim.a);
      push.batch_b[1 - i] = static_cast<int32_t>(dim.b);
    } else {
      outer *= dim.size;
    }
  }
  if (product.m * product.n * push.batches * outer == 0) return;
  push.a = product.a;
  push.b = product.b;
  push.bias = product.bias;
  push.y = product.y;
  push.m = static_cast<uint32_t>(product.m);
  push.n = static_cast<uint32_t>(product.n);
  push.k = static_cast<uint32_t>(product.k);
  push.a_m = static_cast<int32_t>(product.a_m);
  push.a_k = static_cast<int32_t>(product.a_k);
  push.b_k = static_cast<int32_t>(product.b_k);
  push.b_n = static_cast<int32_t>(product.b_n);
  push.bias_n = static_cast<int32_t>(product.bias_stride);
  push.y_m = static_cast<int32_t>(product.n);
  push.y_n = 1;
  const uint64_t bytes = plugin::item_size(product.dtype);
  for (int64_t i = 0; i < outer; ++i) {
    Push one = push;
    int64_t rest = i;
    for (size_t d = 2; d < product.batches.size(); ++d) {
      const Product::Dim& dim = product.batches[d];
      one.a += rest % dim.size * dim.a * bytes;
      one.b += rest % dim.size * dim.b * bytes;
      rest /= dim.size;
    }
    one.y += static_cast<uint64_t>(i) * push.batches * push.m * push.n * bytes;
    if (std::min(product.m, product.n) <= kSkinny) {
      run_skinny(r, product.dtype, one);
    } else {
      run_tiled(r, product.dtype, one);
    }
  }
}

void sum_splits(Recorder& r, const SplitSum& sum) {
  const struct {
    uint64_t x, bias, y;
    uint32_t count, splits, columns, run;
    int32_t bias_stride;
  } push = {sum.partial, sum.bias,    sum.y,   static_cast<uint32_t>(sum.count),
            sum.splits,  sum.columns, sum.run, sum.bias_stride};
  r.dispatch(shaders::sum_splits(sum.dtype), {}, push, r.groups_for(sum.count, 256));
}

}  // namespace tessera::vulkan
