// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/product.h"

#include <algorithm>

namespace tessera::cpu {
namespace {

// Multiplications and additions that are worth a thread: some 20 microseconds.
constexpr int64_t kGrain = 2'000'000;

// Of at most `most` parts of equal size, how many end first on `threads` threads; the most such, as
// they can be taken as threads get free.
int64_t even_parts(int64_t units, int64_t threads, int64_t most) {
  int64_t best = 1, least = units;
  for (int64_t parts = 2; parts <= std::min(most, units); ++parts) {
    const int64_t step = (units + parts - 1) / parts, count = (units + step - 1) / step;
    const int64_t span = (count + threads - 1) / threads * step;
    if (span <= least) {
      best = parts;
      least = span;
    }
  }
  return best;
}

}  // namespace

template <class T>
void multiply(TsrStream* stream, Workspace& work, const Gemm<T>& g) {
  if (g.m == 0 || g.n == 0) return;
  const GemmKernels<T>& kernels = gemm_kernels(T());
  ThreadPool& pool = pool_of(stream);
  const int64_t threads = pool.threads();
  const int64_t most =
      threads == 1 ? 1
                   : std::min<int64_t>(g.m * g.n * std::max<int64_t>(1, g.k) / kGrain, 4 * threads);
  // By columns if there are enough, as then no thread copies what another one copies too.
  const bool by_columns = g.n >= std::min(most, 2 * threads) * kernels.columns || g.n > g.m;
  const int64_t extent = by_columns ? g.n : g.m;
  const int64_t unit = by_columns ? kernels.columns : kernels.rows;
  const int64_t units = (extent + unit - 1) / unit;
  // Every part of rows copies b for itself.
  const bool copies = !by_columns && kernels.scratch_bytes(g, g.n) > 0;
  const int64_t parts = even_parts(units, threads, copies ? std::min(most, threads) : most);
  const int64_t step = (units + parts - 1) / parts * unit;
  const size_t scratch = kernels.scratch_bytes(g, by_columns ? std::min(step, g.n) : g.n);
  const size_t aligned = (scratch + 63) / 64 * 64;
  char* const memory = scratch == 0 ? nullptr : work.array<char>(aligned * parts);
  pool.for_each(parts, [&](size_t part) {
    const int64_t begin = std::min<int64_t>(extent, part * step);
    const int64_t end = std::min<int64_t>(extent, begin + step);
    if (begin == end) return;
    void* const mine = memory == nullptr ? nullptr : memory + aligned * part;
    if (by_columns) {
      kernels.run(g, 0, g.m, begin, end, mine);
    } else {
      kernels.run(g, begin, end, 0, g.n, mine);
    }
  });
}

template void multiply(TsrStream*, Workspace&, const Gemm<float>&);
template void multiply(TsrStream*, Workspace&, const Gemm<double>&);

}  // namespace tessera::cpu
