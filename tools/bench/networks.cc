// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/bench/networks.h"

#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::bench {

Network make_network(const std::string& name) {
  manual_seed(0);
  if (name == "small_cnn") {
    return {.model = nn::Sequential(
                nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                nn::Flatten(), nn::Linear(32 * 7 * 7, 10)),
            .inputs = rand({10000, 1, 28, 28}),
            .targets = randint(0, 10, {10000}),
            .loss = [](const Tensor& y, const Tensor& t) { return cross_entropy(y, t); }};
  }
  if (name == "mlp") {
    return {.model = nn::Sequential(nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 128),
                                    nn::ReLU(), nn::Linear(128, 10)),
            .inputs = rand({10000, 784}),
            .targets = randint(0, 10, {10000}),
            .loss = [](const Tensor& y, const Tensor& t) { return cross_entropy(y, t); }};
  }
  if (name == "tabular") {
    return {.model = nn::Sequential(nn::Linear(9, 16), nn::ReLU(), nn::Linear(16, 8), nn::ReLU(),
                                    nn::Linear(8, 1)),
            .inputs = rand({3000, 9}),
            .targets = randint(0, 2, {3000, 1}).to(kFloat32),
            .loss = [](const Tensor& y, const Tensor& t) {
              return binary_cross_entropy_with_logits(y, t);
            }};
  }
  raise(absl::InvalidArgumentError("no network \"" + name + "\""));
}

}  // namespace tessera::bench
