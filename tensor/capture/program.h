// SPDX-License-Identifier: Apache-2.0
//
// Program: a graph with its memory, ready to be run again and again.
#ifndef TESSERA_TENSOR_CAPTURE_PROGRAM_H_
#define TESSERA_TENSOR_CAPTURE_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/tensor/capture/graph.h"
#include "tessera/tensor/capture/plan.h"
#include "tessera/tensor/tensor.h"

namespace tessera::capture {

struct ProgramOptions {
  bool device_graphs = true;  // let the plugin prepare runs of nodes (TsrBackendApi::graph_create)
  bool time_nodes = false;    // wait after every node and add up how long it took
};

class Program {
 public:
  // Allocates the arena and computes the constants.
  //   errors: kResourceExhausted; what the device reports
  static absl::StatusOr<std::unique_ptr<Program>> make(Graph graph, const ProgramOptions& options);
  ~Program();
  Program(const Program&) = delete;

  // Runs every node once. `arguments` are dense and as recorded. Allocates nothing.
  absl::Status run(absl::Span<const Tensor> arguments);

  const Graph& graph() const { return graph_; }
  const Plan& plan() const { return plan_; }
  // Runs of nodes that the plugin prepared, and the nodes in them.
  int num_device_graphs() const;
  int num_prepared_nodes() const;
  // Seconds by node of graph().nodes, if time_nodes; summed over num_runs() runs.
  const std::vector<double>& node_seconds() const { return node_seconds_; }
  int64_t num_runs() const { return num_runs_; }

 private:
  // Nodes that go to the device together; or one node of the host.
  struct Segment {
    uint32_t begin = 0, end = 0;
    TsrGraph* prepared = nullptr;
    bool is_work = false;
  };
  struct ArgumentUse {
    uint32_t tensor, argument;
    uint64_t offset;  // bytes
  };

  Program(Graph graph, const ProgramOptions& options);

  absl::Status allocate();
  void describe(const std::vector<Node>& nodes, std::vector<TsrNode>* to);
  void describe(const Operand& operand, const Shape& immediate_shape, TsrTensor* to);
  absl::Status compute_constants();
  void cut();
  absl::Status prepare();
  absl::Status take_arguments(absl::Span<const Tensor> arguments);
  void take_draws(uint32_t work_done);
  absl::Status launch(const Node& node, const TsrNode& raw) const;
  absl::Status launch_list(const Segment& segment);

  Graph graph_;
  const ProgramOptions options_;
  const Plan plan_;
  Buffer arena_, constants_;
  std::vector<Buffer> argument_buffers_;  // with prepared graphs: what they read
  std::vector<TsrTensor> tensors_;
  std::vector<const TsrTensor*> pointers_;
  std::vector<TsrNode> nodes_, constant_nodes_;
  std::vector<ArgumentUse> argument_uses_;
  std::vector<std::vector<uint32_t>> nodes_of_draws_;
  std::vector<Segment> segments_;
  bool prepared_ = false;
  std::vector<double> node_seconds_;
  int64_t num_runs_ = 0;
};

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_PROGRAM_H_
