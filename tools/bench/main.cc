// SPDX-License-Identifier: Apache-2.0
//
// bench [--backend=NAME] [--threads=N] and Google Benchmark's flags.
//
//   bazel run -c opt //tools/bench -- --threads=1 --benchmark_filter=train_step
//
// tools/bench/compare.py runs it in turns with PyTorch and prints ratios.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "benchmark/benchmark.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/error.h"

namespace {

int fail(const std::string& message) {
  std::fprintf(stderr, "bench: %s\n", message.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::string backend = "cpu";
  int threads = 1;
  std::vector<char*> rest = {argv[0]};
  for (int i = 1; i < argc; ++i) {
    absl::string_view flag = argv[i];
    if (absl::ConsumePrefix(&flag, "--backend=")) {
      backend = std::string(flag);
    } else if (absl::ConsumePrefix(&flag, "--threads=")) {
      if (!absl::SimpleAtoi(flag, &threads) || threads < 1) {
        return fail("--threads wants a positive number, got \"" + std::string(flag) + "\"");
      }
    } else {
      rest.push_back(argv[i]);
    }
  }
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;
  tessera::set_num_threads(threads);
  absl::StatusOr<tessera::Device> device = tessera::find_device(backend);
  if (!device.ok()) return fail(std::string(device.status().message()));
  tessera::set_default_device(*device);
  try {
    benchmark::RunSpecifiedBenchmarks();
  } catch (const tessera::Error& error) {
    return fail(error.what());
  }
  return 0;
}
