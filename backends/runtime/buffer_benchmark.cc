// SPDX-License-Identifier: Apache-2.0
//
// What Buffer adds to the plugin's own calls, on the backend that TESSERA_BACKEND names:
//
//   bazel run -c opt //backends/runtime:buffer_benchmark
#include <cstdlib>

#include "benchmark/benchmark.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device.h"

namespace tessera {
namespace {

Device device() {
  const char* name = std::getenv("TESSERA_BACKEND");
  return Device(name == nullptr ? "cpu" : name);
}

void allocate_and_free_through_the_plugin(benchmark::State& state) {
  DeviceState* const d = device().state();
  for (auto _ : state) {
    TsrBuffer* buffer = nullptr;
    d->api->buffer_allocate(d->stream, 64, &buffer, nullptr);
    benchmark::DoNotOptimize(buffer);
    d->api->buffer_free(d->stream, buffer);
  }
}
BENCHMARK(allocate_and_free_through_the_plugin);

void allocate_and_free_as_a_buffer(benchmark::State& state) {
  DeviceState* const d = device().state();
  for (auto _ : state) {
    absl::StatusOr<Buffer> buffer = Buffer::allocate(d, 64);
    benchmark::DoNotOptimize(buffer->raw());
  }
}
BENCHMARK(allocate_and_free_as_a_buffer);

void find_by_name(benchmark::State& state) {
  const std::string name = device().name();
  for (auto _ : state) benchmark::DoNotOptimize(find_device(name));
}
BENCHMARK(find_by_name);

}  // namespace
}  // namespace tessera
