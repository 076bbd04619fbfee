// SPDX-License-Identifier: Apache-2.0
//
// A training step of the small CNN, recorded as a graph of the Vulkan backend.
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/vulkan/step_recorder.h"

namespace tessera {
namespace {

struct Training {
  Training()
      : model(nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
              nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
              nn::Flatten(), nn::Linear(32 * 7 * 7, 10)),
        optimizer(model.parameters(), {.lr = 1e-3}),
        x(rand({8, 1, 28, 28})),
        y(randint(0, 10, {8})) {}

  void step() {
    optimizer.zero_grad();
    loss = nn::functional::cross_entropy(model(x), y);
    loss.backward();
    optimizer.step();
  }

  nn::Sequential model;
  optim::Adam optimizer;
  Tensor x, y, loss;
};

// The bytes of all buffers that `nodes` write.
class Written {
 public:
  Written(const Device& device, const std::vector<const TsrNode*>& nodes) : state_(device.state()) {
    for (const TsrNode* node : nodes) {
      for (uint32_t k = 0; k < node->n_outputs; ++k) buffers_[node->outputs[k]->buffer];
    }
  }

  std::map<TsrBuffer*, std::string> read() {
    std::map<TsrBuffer*, std::string> bytes;
    for (auto& [buffer, saved] : buffers_) {
      bytes[buffer].resize(buffer->size);
      EXPECT_EQ(state_->api->copy_to_host(state_->stream, buffer, 0, bytes[buffer].data(),
                                          buffer->size, nullptr),
                TSR_OK);
    }
    EXPECT_EQ(state_->api->stream_synchronize(state_->stream, nullptr), TSR_OK);
    return bytes;
  }
  void write(const std::map<TsrBuffer*, std::string>& bytes) {
    for (const auto& [buffer, saved] : bytes) {
      EXPECT_EQ(state_->api->copy_from_host(state_->stream, saved.data(), buffer, 0, buffer->size,
                                            nullptr),
                TSR_OK);
    }
    EXPECT_EQ(state_->api->stream_synchronize(state_->stream, nullptr), TSR_OK);
  }

 private:
  DeviceState* state_;
  std::map<TsrBuffer*, std::string> buffers_;
};

TEST(RecordedStepTest, IsOneSubmissionAndEqualsTheNodesOneByOne) {
  const Device device = recording_device();
  set_default_device(device);
  manual_seed(1);
  Training training;
  training.step();  // the optimizer has its state now
  raise_if_error(device.synchronize());

  LaunchRecorder recorder;
  training.step();
  recorder.stop();
  EXPECT_TRUE(fallbacks().empty()) << fallbacks()[0].op << ": " << fallbacks()[0].reason;
  const std::vector<const TsrNode*>& nodes = recorder.nodes();
  ASSERT_GT(nodes.size(), 15u);

  DeviceState* state = device.state();
  Written written(device, nodes);
  const auto before = written.read();
  for (const TsrNode* node : nodes) {
    const TsrKernel* kernel = state->api->kernel_find(state->handle, node->op);
    ASSERT_EQ(kernel->launch(state->stream, node, nullptr), TSR_OK) << node->op;
  }
  const auto eager = written.read();
  EXPECT_NE(eager, before);

  written.write(before);
  TsrGraph* graph = nullptr;
  ASSERT_EQ(state->api->graph_create(state->stream, nodes.data(), nodes.size(), &graph, nullptr),
            TSR_OK);
  EXPECT_EQ(written.read(), before);  // recording ran nothing
  const uint64_t submitted = submissions();
  ASSERT_EQ(state->api->graph_launch(graph, state->stream, nullptr), TSR_OK);
  raise_if_error(device.synchronize());
  EXPECT_EQ(submissions(), submitted + 1);
  EXPECT_EQ(written.read(), eager);
  state->api->graph_destroy(graph);
}

}  // namespace
}  // namespace tessera
