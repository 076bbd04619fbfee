// SPDX-License-Identifier: Apache-2.0
//
// The training loop of README.md, so that it compiles and trains. page_test.sh compares the two.
#include <iostream>

#include "tessera/autograd/autograd.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/data/data.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/ops/ops.h"

using namespace tessera;

int main() {
  manual_seed(1);
  data::TensorDataset digits(rand({64, 1, 28, 28}), randint(0, 10, {64}));
  data::DataLoader loader(digits, {.batch_size = 32, .shuffle = true});
  // clang-format off
  // Page begins
  nn::Sequential model(
      nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
      nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
      nn::Flatten(), nn::Linear(32 * 7 * 7, 10));
  nn::CrossEntropyLoss criterion;
  optim::Adam optimizer(model.parameters(), {.lr = 1e-3});

  for (int epoch = 0; epoch < 3; ++epoch) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      Tensor loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
    }
  }
  // Page ends
  // clang-format on
  NoGradGuard no_grad;
  const float before = 2.302585f;  // log(10), of a model that knows nothing
  const float after = criterion(model(digits.x()), digits.y()).item<float>();
  std::cout << "loss " << after << '\n';
  return after < before ? 0 : 1;
}
