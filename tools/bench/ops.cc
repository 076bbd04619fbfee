// SPDX-License-Identifier: Apache-2.0
//
// The ops that a framework is made of, and the cost of dispatching one.
#include "tessera/tensor/ops/ops.h"

#include <cmath>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "tessera/autograd/autograd.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::bench {
namespace {

template <class F>
void repeat(benchmark::State& state, F&& f) {
  for (auto _ : state) {
    auto result = f();
    benchmark::DoNotOptimize(result);
    raise_if_error(Device().synchronize());  // or a GPU's work would not be in the time
  }
}

void matmul(benchmark::State& state) {
  const int64_t n = state.range(0);
  Tensor a = rand({n, n}), b = rand({n, n});
  repeat(state, [&] { return a.matmul(b); });
  state.counters["GFLOP/s"] = benchmark::Counter(
      2e-9 * n * n * n * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// range: rows, in_features, out_features. What a logistic regression is made of.
template <class F>
void products(benchmark::State& state, F&& product) {
  const int64_t n = state.range(0), k = state.range(1), m = state.range(2);
  Tensor x = rand({n, k}), w = rand({m, k}), b = rand({m}), g = rand({n, m});
  repeat(state, [&] { return product(x, w, b, g); });
  state.counters["GFLOP/s"] = benchmark::Counter(
      2e-9 * n * k * m * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
void linear_forward(benchmark::State& state) {
  products(state, [](const Tensor& x, const Tensor& w, const Tensor& b, const Tensor&) {
    return linear(x, w, b);
  });
}
void linear_backward_weight(benchmark::State& state) {
  products(state, [](const Tensor& x, const Tensor&, const Tensor&, const Tensor& g) {
    return g.t().matmul(x);
  });
}

// range: N, C, H = W, O
double conv_flops(benchmark::State& state) {
  return 2.0 * state.range(0) * state.range(1) * state.range(2) * state.range(2) * state.range(3) *
         9;
}

void conv2d_forward(benchmark::State& state) {
  const int64_t n = state.range(0), c = state.range(1), h = state.range(2), o = state.range(3);
  Tensor x = rand({n, c, h, h}), w = rand({o, c, 3, 3}), b = rand({o});
  repeat(state, [&] { return conv2d(x, w, b, {.padding = 1}); });
  state.counters["GFLOP/s"] =
      benchmark::Counter(1e-9 * conv_flops(state) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void conv2d_backward(benchmark::State& state) {
  const int64_t n = state.range(0), c = state.range(1), h = state.range(2), o = state.range(3);
  Tensor x = rand({n, c, h, h}), w = rand({o, c, 3, 3}), g = rand({n, o, h, h});
  repeat(state, [&] {
    return std::vector<Tensor>{conv2d_backward_input(g, w, {h, h}, {.padding = 1}),
                               conv2d_backward_weight(g, x, 3, {.padding = 1}), sum(g, {0, 2, 3})};
  });
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * conv_flops(state) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void elementwise(benchmark::State& state, Tensor (*op)(const Tensor&)) {
  Tensor x = rand({state.range(0)});
  repeat(state, [&] { return op(x); });
}

// What a training step pays for an activation.
void activation(benchmark::State& state, Tensor (*op)(const Tensor&)) {
  Tensor x = rand({state.range(0)}, {.requires_grad = true});
  x.detach().sub_(0.5).mul_(4);
  const Tensor g = ones({state.range(0)});
  for (auto _ : state) {
    op(x).backward(g);
    x.set_grad({});
  }
  raise_if_error(Device().synchronize());
}

void add_large(benchmark::State& state) {
  Tensor a = rand({state.range(0)}), b = rand({state.range(0)});
  repeat(state, [&] { return a + b; });
}

void softmax_rows(benchmark::State& state) {
  Tensor x = rand({1024, 1024});
  repeat(state, [&] { return softmax(x, 1); });
}

// range: batch, heads, length, features of a head; causal
double attention_flops(benchmark::State& state) {
  return 2.0 * static_cast<double>(state.range(0) * state.range(1) * state.range(2) *
                                   state.range(2) * state.range(3));
}

Tensor heads(benchmark::State& state) {
  return randn({state.range(0), state.range(1), state.range(2), state.range(3)});
}

// Counts half of the products, as half of the scores are seen.
void attention_forward(benchmark::State& state) {
  Tensor q = heads(state), k = heads(state), v = heads(state);
  repeat(state, [&] { return scaled_dot_product_attention(q, k, v, {.is_causal = true}); });
  state.counters["GFLOP/s"] =
      benchmark::Counter(1e-9 * attention_flops(state) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void attention_train(benchmark::State& state) {
  Tensor q = heads(state).requires_grad_(), k = heads(state).requires_grad_(),
         v = heads(state).requires_grad_(), g = heads(state);
  repeat(state, [&] {
    Tensor y = scaled_dot_product_attention(q, k, v, {.is_causal = true});
    return autograd::grad({y}, {q, k, v}, {g});
  });
  state.counters["GFLOP/s"] =
      benchmark::Counter(3.5e-9 * attention_flops(state) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

// What it is without an op of its own.
void attention_composed(benchmark::State& state) {
  Tensor q = heads(state), k = heads(state), v = heads(state);
  const int64_t n = state.range(2);
  Tensor visible = arange(n) <= unsqueeze(arange(n), 1);
  const double scale = 1 / std::sqrt(static_cast<double>(state.range(3)));
  repeat(state, [&] {
    return matmul(softmax(where(visible, matmul(q, transpose(k, -1, -2)) * scale, -INFINITY), -1),
                  v);
  });
}

void tiny_add(benchmark::State& state) {
  Tensor a = rand({1}), b = rand({1});
  repeat(state, [&] { return a + b; });
}

void tiny_add_grad(benchmark::State& state) {
  Tensor a = rand({1}, {.requires_grad = true}), b = rand({1});
  repeat(state, [&] { return a + b; });
}

void tiny_chain(benchmark::State& state) {
  Tensor c = rand({1}, {.requires_grad = true}), b = rand({1});
  for (auto _ : state) {
    Tensor y = c;
    for (int i = 0; i < 100; ++i) y = y + b;
    y.backward();
  }
}

// range: tensors, elements of each
void adam(benchmark::State& state) {
  std::vector<Tensor> parameters;
  for (int64_t i = 0; i < state.range(0); ++i) {
    Tensor p = rand({state.range(1)}, {.requires_grad = true});
    p.set_grad(rand({state.range(1)}));
    parameters.push_back(p);
  }
  optim::Adam optimizer(parameters);
  for (auto _ : state) optimizer.step();
}

BENCHMARK(matmul)->Arg(64)->Arg(128)->Arg(256)->Arg(512)->Arg(1024)->Arg(2048);
// A logistic regression's, the mlp's first, and those of the gpt.
void linear_shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({10000, 784, 10})->Args({64, 784, 256});
  for (int64_t out : {128, 384, 512, 65}) benchmark->Args({2048, 128, out});
  benchmark->Args({2048, 512, 128});
}
BENCHMARK(linear_forward)->Apply(linear_shapes);
BENCHMARK(linear_backward_weight)->Apply(linear_shapes);
#define TESSERA_CONV_SHAPES(benchmark) \
  BENCHMARK(benchmark)                 \
      ->Args({64, 1, 28, 16})          \
      ->Args({64, 16, 14, 32})         \
      ->Args({32, 64, 56, 64})         \
      ->Args({32, 256, 14, 256})
TESSERA_CONV_SHAPES(conv2d_forward);
TESSERA_CONV_SHAPES(conv2d_backward);
BENCHMARK(add_large)->Name("elementwise/add")->Arg(1000)->Arg(100000)->Arg(10000000);
#define TESSERA_ELEMENTWISE(name, function)                                              \
  BENCHMARK_CAPTURE(elementwise, name, static_cast<Tensor (*)(const Tensor&)>(function)) \
      ->Arg(1000)                                                                        \
      ->Arg(100000)                                                                      \
      ->Arg(10000000)
TESSERA_ELEMENTWISE(relu, relu);
TESSERA_ELEMENTWISE(exp, exp);
TESSERA_ELEMENTWISE(gelu, gelu);
TESSERA_ELEMENTWISE(sum, [](const Tensor& x) { return sum(x); });
#define TESSERA_ACTIVATION(name)                                               \
  BENCHMARK_CAPTURE(activation, name, [](const Tensor& x) { return name(x); }) \
      ->Arg(100000)                                                            \
      ->Arg(10000000)
TESSERA_ACTIVATION(relu);
TESSERA_ACTIVATION(gelu);
TESSERA_ACTIVATION(leaky_relu);
TESSERA_ACTIVATION(elu);
TESSERA_ACTIVATION(mish);
TESSERA_ACTIVATION(hardswish);
BENCHMARK(softmax_rows)->Name("softmax");
#define TESSERA_ATTENTION_SHAPES(benchmark) \
  BENCHMARK(benchmark)->Args({16, 4, 128, 32})->Args({4, 8, 512, 64})->Args({1, 1, 4096, 64})
TESSERA_ATTENTION_SHAPES(attention_forward);
TESSERA_ATTENTION_SHAPES(attention_train);
BENCHMARK(attention_composed)->Args({16, 4, 128, 32})->Args({4, 8, 512, 64});
BENCHMARK(tiny_add);
BENCHMARK(tiny_add_grad);
BENCHMARK(tiny_chain)->Name("tiny_chain_100_forward_backward");
BENCHMARK(adam)->Name("adam_step")->Args({1, 1000000})->Args({100, 1000});

}  // namespace
}  // namespace tessera::bench
