// SPDX-License-Identifier: Apache-2.0
//
// vulkan_matmul [Google Benchmark's flags]: the Vulkan backend's matmul beside a shader with one
// invocation for every element, on the first device (TESSERA_VULKAN_DEVICE picks another). The
// counter "GFLOP/s" of the one divided by the other's is what tiles are worth.
//
//   bazel run -c opt //tools/bench:vulkan_matmul
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "benchmark/benchmark.h"
#include "tessera/backends/vulkan/api.h"
#include "tessera/backends/vulkan/matmul_naive.h"

namespace {

using tessera::vulkan::kApi;

// The first device, opened, and its only stream.
class Context {
 public:
  Context() {
    check(kApi.backend_initialize(&host_, &backend_, &message_));
    uint32_t devices = 0;
    check(kApi.device_count(backend_, &devices, &message_));
    check(devices == 0 ? TSR_UNAVAILABLE : TSR_OK);
    check(kApi.device_info(backend_, 0, &info_, &message_));
    check(kApi.device_open(backend_, 0, &device_, &message_));
    check(kApi.stream_create(device_, &stream_, &message_));
  }
  ~Context() {
    kApi.stream_destroy(stream_);
    kApi.device_close(device_);
    kApi.backend_shutdown(backend_);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void check(TsrStatus status) const {
    if (status == TSR_OK) return;
    std::fprintf(stderr, "vulkan_matmul: %s\n", text_);
    std::exit(1);
  }
  const TsrDeviceInfo& info() const { return info_; }
  TsrDevice* device() const { return device_; }
  TsrStream* stream() const { return stream_; }
  TsrMessage* message() { return &message_; }
  void synchronize() { check(kApi.stream_synchronize(stream_, &message_)); }

 private:
  char text_[512] = "no device";
  TsrMessage message_ = {sizeof(TsrMessage), text_, sizeof text_};
  TsrHost host_ = {.struct_size = sizeof(TsrHost), .thread_budget = 1};
  TsrDeviceInfo info_ = {.struct_size = sizeof(TsrDeviceInfo)};
  TsrBackend* backend_ = nullptr;
  TsrDevice* device_ = nullptr;
  TsrStream* stream_ = nullptr;
};

Context& context() {
  static Context instance;
  return instance;
}

// A dense float32 matrix (rows, columns).
class Matrix {
 public:
  Matrix(int64_t rows, int64_t columns) : shape_{rows, columns}, strides_{columns, 1} {
    Context& c = context();
    const uint64_t bytes = rows * columns * sizeof(float);
    c.check(kApi.buffer_allocate(c.stream(), bytes, &buffer_, c.message()));
    tensor_.data = buffer_->data;
    tensor_.buffer = buffer_;
    tensor_.shape = shape_;
    tensor_.strides = strides_;
  }
  ~Matrix() { kApi.buffer_free(context().stream(), buffer_); }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;

  // Small whole numbers, so that sums are exact in any order.
  void fill(int64_t seed) {
    std::vector<float> values(shape_[0] * shape_[1]);
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>((static_cast<int64_t>(i) * 7 + seed) % 11 - 5);
    }
    Context& c = context();
    c.check(kApi.copy_from_host(c.stream(), values.data(), buffer_, 0,
                                values.size() * sizeof(float), c.message()));
    c.synchronize();
  }
  std::vector<float> read() const {
    std::vector<float> values(shape_[0] * shape_[1]);
    Context& c = context();
    c.check(kApi.copy_to_host(c.stream(), buffer_, 0, values.data(), values.size() * sizeof(float),
                              c.message()));
    c.synchronize();
    return values;
  }
  const TsrTensor* tensor() const { return &tensor_; }

 private:
  int64_t shape_[2], strides_[2];
  TsrBuffer* buffer_ = nullptr;
  TsrTensor tensor_ = {.struct_size = sizeof(TsrTensor), .rank = 2, .dtype = TSR_FLOAT32};
};

const TsrKernel& tiled_kernel() { return *kApi.kernel_find(context().device(), "matmul"); }

// y = a b, waited for.
void multiply(const TsrKernel& kernel, const Matrix& a, const Matrix& b, const Matrix& y) {
  const TsrTensor* inputs[] = {a.tensor(), b.tensor()};
  const TsrTensor* outputs[] = {y.tensor()};
  TsrNode node = {.struct_size = sizeof(TsrNode), .op = "matmul"};
  node.inputs = inputs;
  node.outputs = outputs;
  node.n_inputs = 2;
  node.n_outputs = 1;
  Context& c = context();
  c.check(kernel.launch(c.stream(), &node, c.message()));
  c.synchronize();
}

// range: M, N, K
void measure(benchmark::State& state, const TsrKernel& kernel, const TsrKernel& other) {
  const int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  Matrix a(m, k), b(k, n), y(m, n), wanted(m, n);
  a.fill(1);
  b.fill(3);
  multiply(kernel, a, b, y);
  multiply(other, a, b, wanted);
  if (y.read() != wanted.read()) return state.SkipWithError("the two kernels differ");
  for (auto _ : state) multiply(kernel, a, b, y);
  state.SetLabel(context().info().name);
  state.counters["GFLOP/s"] = benchmark::Counter(
      2e-9 * static_cast<double>(m * n * k * state.iterations()), benchmark::Counter::kIsRate);
}

void matmul(benchmark::State& state) {
  measure(state, tiled_kernel(), tessera::vulkan::naive_matmul_kernel());
}
void matmul_naive(benchmark::State& state) {
  measure(state, tessera::vulkan::naive_matmul_kernel(), tiled_kernel());
}

#define TESSERA_MATMUL_SHAPES(benchmark) \
  BENCHMARK(benchmark)                   \
      ->MeasureProcessCPUTime()          \
      ->UseRealTime()                    \
      ->Args({1024, 1024, 1024})         \
      ->Args({512, 512, 512})            \
      ->Args({256, 256, 256})            \
      ->Args({64, 256, 784})             \
      ->Args({10000, 10, 784})           \
      ->Args({16, 16, 60000})            \
      ->Args({1, 4096, 4096})
TESSERA_MATMUL_SHAPES(matmul_naive);
TESSERA_MATMUL_SHAPES(matmul);

}  // namespace

BENCHMARK_MAIN();
