// SPDX-License-Identifier: Apache-2.0
//
// Ops whose cost is in reading, moving and ordering data: reductions, indices, scans, sorting.
#include <cstdint>

#include "benchmark/benchmark.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::bench {
namespace {

// Waits for each result, as a backend may only have queued it. `bytes`: what has to be read and
// written at least.
template <class F>
void repeat(benchmark::State& state, int64_t bytes, F&& f) {
  for (auto _ : state) {
    auto result = f();
    benchmark::DoNotOptimize(result);
    raise_if_error(Device().synchronize());
  }
  state.counters["GB/s"] = benchmark::Counter(
      1e-9 * static_cast<double>(bytes * state.iterations()), benchmark::Counter::kIsRate);
}

// Made on the CPU, so that a backend that cannot draw numbers can be measured too.
Tensor numbers(const Shape& shape) { return rand(shape, {.device = "cpu"}).to(Device()); }
Tensor indices(int64_t n, int64_t limit) {
  return randint(0, limit, {n}, {.dtype = kInt64, .device = "cpu"}).to(Device());
}

void sum_all(benchmark::State& state) {
  Tensor x = numbers({state.range(0), state.range(1)});
  repeat(state, x.numel() * 4, [&] { return sum(x); });
}
void sum_rows(benchmark::State& state) {
  Tensor x = numbers({state.range(0), state.range(1)});
  repeat(state, x.numel() * 4, [&] { return sum(x, {1}); });
}
void sum_columns(benchmark::State& state) {
  Tensor x = numbers({state.range(0), state.range(1)});
  repeat(state, x.numel() * 4, [&] { return sum(x, {0}); });
}
void sum_channels(benchmark::State& state) {
  Tensor x = numbers({64, state.range(0), state.range(1), state.range(1)});
  repeat(state, x.numel() * 4, [&] { return sum(x, {0, 2, 3}); });
}
void amax_rows(benchmark::State& state) {
  Tensor x = numbers({state.range(0), state.range(1)});
  repeat(state, x.numel() * 4, [&] { return amax(x, {1}); });
}
void argmax_rows(benchmark::State& state) {
  Tensor x = numbers({state.range(0), state.range(1)});
  repeat(state, x.numel() * 4, [&] { return argmax(x, 1); });
}
void cumsum_rows(benchmark::State& state) {
  Tensor x = numbers({state.range(0), state.range(1)});
  repeat(state, x.numel() * 8, [&] { return cumsum(x, 1); });
}
void sort_rows(benchmark::State& state) {
  Tensor x = numbers({state.range(0), state.range(1)});
  repeat(state, x.numel() * 16, [&] { return sort(x, 1); });
}

// range: rows of the table, features, indices
void index_select_rows(benchmark::State& state) {
  Tensor table = numbers({state.range(0), state.range(1)});
  Tensor index = indices(state.range(2), state.range(0));
  repeat(state, state.range(2) * state.range(1) * 8, [&] { return index_select(table, 0, index); });
}
void index_add_rows(benchmark::State& state) {
  Tensor table = numbers({state.range(0), state.range(1)});
  Tensor index = indices(state.range(2), state.range(0));
  Tensor rows = numbers({state.range(2), state.range(1)});
  repeat(state, table.numel() * 8 + rows.numel() * 4,
         [&] { return index_add(table, 0, index, rows); });
}
void cat_columns(benchmark::State& state) {
  Tensor a = numbers({state.range(0), state.range(1)}), b = numbers({state.range(0), 1});
  const Tensor both[] = {a, b};
  repeat(state, (a.numel() + b.numel()) * 8, [&] { return cat(both, 1); });
}

BENCHMARK(sum_all)->UseRealTime()->Args({4096, 4096});
BENCHMARK(sum_rows)->UseRealTime()->Args({4096, 4096})->Args({1 << 20, 16});
BENCHMARK(sum_columns)->UseRealTime()->Args({4096, 4096})->Args({1 << 20, 16});
BENCHMARK(sum_channels)->UseRealTime()->Args({64, 56});
BENCHMARK(amax_rows)->UseRealTime()->Args({4096, 4096});
BENCHMARK(argmax_rows)->UseRealTime()->Args({4096, 4096});
BENCHMARK(cumsum_rows)->UseRealTime()->Args({4096, 4096})->Args({1, 1 << 24});
BENCHMARK(sort_rows)->UseRealTime()->Args({4096, 256})->Args({1, 1 << 20});
BENCHMARK(index_select_rows)->UseRealTime()->Args({50000, 256, 8192});
BENCHMARK(index_add_rows)->UseRealTime()->Args({50000, 256, 8192})->Args({100, 16, 4096});
BENCHMARK(cat_columns)->UseRealTime()->Args({4096, 1023});

}  // namespace
}  // namespace tessera::bench
