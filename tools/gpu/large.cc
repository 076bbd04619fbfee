// SPDX-License-Identifier: Apache-2.0
//
// Matrix products and convolutions that are large enough to show what a GPU can do, in float32, in
// TF32 (set_float32_matmul_precision("high")) and in bfloat16. "GFLOP/s" is to be held against the
// card's peak.
//
//   large [--backend=NAME] [Google Benchmark's flags]
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/strip.h"
#include "benchmark/benchmark.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::bench {
namespace {

struct Format {
  const char* name;
  DType dtype;
  const char* precision;
};
constexpr Format kFormats[] = {{"float32", kFloat32, "highest"},
                               {"tf32", kFloat32, "high"},
                               {"bfloat16", kBFloat16, "highest"}};

// So many calls are queued before the device is waited for that waiting costs nothing.
template <class F>
void repeat(benchmark::State& state, const Format& format, double flops, F&& f) {
  constexpr double kFlopsOfRound = 2e11;
  const int calls = static_cast<int>(std::clamp(kFlopsOfRound / flops, 1.0, 100.0));
  set_float32_matmul_precision(format.precision);
  f();  // libraries are opened, algorithms chosen
  raise_if_error(Device().synchronize());
  for (auto _ : state) {
    for (int i = 0; i < calls; ++i) f();
    raise_if_error(Device().synchronize());
  }
  set_float32_matmul_precision("highest");
  state.counters["GFLOP/s"] = benchmark::Counter(
      1e-9 * flops * calls * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

Tensor numbers(const Shape& shape, const Format& format) {
  return (rand(shape) - 0.5).to(format.dtype);
}

void matmul(benchmark::State& state, const Format& format) {
  const int64_t n = state.range(0);
  const Tensor a = numbers({n, n}, format), b = numbers({n, n}, format);
  repeat(state, format, 2.0 * n * n * n, [&] { return a.matmul(b); });
}

// A layer with its bias, of 4096 rows.
void linear(benchmark::State& state, const Format& format) {
  const int64_t rows = 4096, n = state.range(0);
  const Tensor x = numbers({rows, n}, format), w = numbers({n, n}, format),
               b = numbers({n}, format);
  repeat(state, format, 2.0 * rows * n * n, [&] { return tessera::linear(x, w, b); });
}

struct Conv {
  int64_t n, c, h, o, k;

  explicit Conv(const benchmark::State& s)
      : n(s.range(0)), c(s.range(1)), h(s.range(2)), o(s.range(3)), k(s.range(4)) {}
  double flops() const { return 2.0 * n * c * h * h * o * k * k; }
  Conv2dOptions options() const { return {.padding = k / 2}; }
};

void conv2d(benchmark::State& state, const Format& format) {
  const Conv v(state);
  const Tensor x = numbers({v.n, v.c, v.h, v.h}, format), w = numbers({v.o, v.c, v.k, v.k}, format);
  repeat(state, format, v.flops(), [&] { return tessera::conv2d(x, w, {}, v.options()); });
}
void conv2d_backward_input(benchmark::State& state, const Format& format) {
  const Conv v(state);
  const Tensor g = numbers({v.n, v.o, v.h, v.h}, format), w = numbers({v.o, v.c, v.k, v.k}, format);
  repeat(state, format, v.flops(), [&] {
    return tessera::conv2d_backward_input(g, w, {v.h, v.h}, v.options());
  });
}
void conv2d_backward_weight(benchmark::State& state, const Format& format) {
  const Conv v(state);
  const Tensor g = numbers({v.n, v.o, v.h, v.h}, format), x = numbers({v.n, v.c, v.h, v.h}, format);
  repeat(state, format, v.flops(),
         [&] { return tessera::conv2d_backward_weight(g, x, v.k, v.options()); });
}

// The first shapes are small enough for a CPU.
const int registered = [] {
  using Arguments = std::vector<std::vector<int64_t>>;
  using Function = void (*)(benchmark::State&, const Format&);
  const Arguments products = {{256}, {4096}, {8192}};
  // N, C, H = W, O, kernel
  const Arguments convolutions = {
      {4, 8, 14, 8, 3}, {256, 64, 56, 64, 3}, {256, 256, 14, 256, 3}, {256, 256, 56, 64, 1}};
  const struct {
    const char* name;
    Function function;
    const Arguments& arguments;
  } cases[] = {{"matmul", matmul, products},
               {"linear", linear, products},
               {"conv2d", conv2d, convolutions},
               {"conv2d_backward_input", conv2d_backward_input, convolutions},
               {"conv2d_backward_weight", conv2d_backward_weight, convolutions}};
  for (const auto& c : cases) {
    for (const Format& format : kFormats) {
      for (const std::vector<int64_t>& arguments : c.arguments) {
        benchmark::RegisterBenchmark(
            (std::string(c.name) + "/" + format.name).c_str(),
            [f = c.function, &format](benchmark::State& s) { f(s, format); })
            ->Args(arguments)
            ->UseRealTime();
      }
    }
  }
  return 0;
}();

}  // namespace
}  // namespace tessera::bench

int main(int argc, char** argv) {
  std::string backend = "cpu";
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    absl::string_view flag = argv[i];
    if (absl::ConsumePrefix(&flag, "--backend=")) {
      backend = std::string(flag);
    } else {
      rest.push_back(argv[i]);
    }
  }
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;
  const absl::StatusOr<tessera::Device> device = tessera::find_device(backend);
  if (!device.ok()) {
    std::fprintf(stderr, "large: %s\n", std::string(device.status().message()).c_str());
    return 2;
  }
  tessera::set_default_device(*device);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
