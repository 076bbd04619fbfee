// SPDX-License-Identifier: Apache-2.0
//
// What the tape costs beside the ops themselves.
//   bazel run -c opt //autograd:autograd_benchmark
#include "benchmark/benchmark.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

constexpr int kChain = 100;

Tensor chain(Tensor y, const Tensor& step) {
  for (int i = 0; i < kChain; ++i) y = y + step;
  return y;
}

void ChainOfAddsWithoutGradient(benchmark::State& state) {
  NoGradGuard no_grad;
  const Tensor x = ones({8}), step = ones({8});
  for (auto _ : state) benchmark::DoNotOptimize(chain(x, step));
}
BENCHMARK(ChainOfAddsWithoutGradient)->Unit(benchmark::kMicrosecond);

void ChainOfAddsForward(benchmark::State& state) {
  const Tensor x = ones({8}, {.requires_grad = true}), step = ones({8});
  for (auto _ : state) benchmark::DoNotOptimize(chain(x, step));
}
BENCHMARK(ChainOfAddsForward)->Unit(benchmark::kMicrosecond);

void ChainOfAddsForwardAndBackward(benchmark::State& state) {
  Tensor x = ones({8}, {.requires_grad = true});
  const Tensor step = ones({8});
  for (auto _ : state) {
    chain(x, step).sum().backward();
    x.set_grad({});
  }
}
BENCHMARK(ChainOfAddsForwardAndBackward)->Unit(benchmark::kMicrosecond);

void ChainOfProductsForwardAndBackward(benchmark::State& state) {
  Tensor x = ones({8}, {.requires_grad = true});
  const Tensor step = ones({8});
  for (auto _ : state) {
    Tensor y = x;
    for (int i = 0; i < kChain; ++i) y = y * step;
    y.sum().backward();
    x.set_grad({});
  }
}
BENCHMARK(ChainOfProductsForwardAndBackward)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tessera
