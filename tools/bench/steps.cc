// SPDX-License-Identifier: Apache-2.0
//
// Whole train steps (fetch a batch, zero_grad, forward, backward, optimizer step) and forwards.
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "benchmark/benchmark.h"
#include "tessera/autograd/autograd.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/capture/compile.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tools/bench/networks.h"

namespace tessera::bench {
namespace {

std::string summary(const std::vector<capture::ReportData>& recordings) {
  if (recordings.empty()) return "not recorded";
  const capture::ReportData& r = recordings[0];
  return absl::StrFormat("%d nodes of %d, arena %.2f of %.2f MiB", r.nodes, r.recorded_nodes,
                         static_cast<double>(r.arena_bytes) / (1 << 20),
                         static_cast<double>(r.eager_peak_bytes) / (1 << 20));
}

// `compiled`: the step through compile(), with the batch fetched outside of it.
void train_step(benchmark::State& state, const std::string& name, bool compiled) {
  Network net = make_network(name);
  optim::Adam optimizer(net.model->parameters(), {.lr = 1e-3});
  Tensor order = randperm(net.inputs.size(0));
  const int64_t batches = net.inputs.size(0) / net.batch_size;
  int64_t at = 0;
  auto step = [&](const Tensor& x, const Tensor& y) {
    optimizer.zero_grad();
    Tensor loss = net.loss((*net.model)(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  auto compiled_step = compile(step);
  for (auto _ : state) {
    Tensor index = order.narrow(0, at++ % batches * net.batch_size, net.batch_size);
    Tensor x = net.inputs.index_select(0, index), y = net.targets.index_select(0, index);
    Tensor loss = compiled ? compiled_step(x, y) : step(x, y);
    raise_if_error(Device().synchronize());  // or a GPU's work would not be in the time
  }
  if (compiled) state.SetLabel(summary(compiled_step.report_data()));
}

void forward(benchmark::State& state, const std::string& name) {
  Network net = make_network(name);
  net.model->eval();
  NoGradGuard no_grad;
  Tensor x = net.inputs.narrow(0, 0, state.range(0));
  for (auto _ : state) {
    Tensor y = (*net.model)(x);
    benchmark::DoNotOptimize(y);
    raise_if_error(Device().synchronize());
  }
}

const int registered = [] {
  for (const char* name : {"small_cnn", "small_cnn_fused", "mlp", "tabular", "lstm", "gpt"}) {
    std::string net = name;
    benchmark::RegisterBenchmark(("train_step/" + net).c_str(),
                                 [net](benchmark::State& s) { train_step(s, net, false); });
    benchmark::RegisterBenchmark(("compiled_step/" + net).c_str(),
                                 [net](benchmark::State& s) { train_step(s, net, true); });
    benchmark::RegisterBenchmark(("forward/" + net).c_str(),
                                 [net](benchmark::State& s) { forward(s, net); })
        ->Arg(256)
        ->Arg(1);
  }
  return 0;
}();

}  // namespace
}  // namespace tessera::bench
