// SPDX-License-Identifier: Apache-2.0
//
// A training loop, whose loss must fall.

#include <cstdio>

#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"

namespace nn = tessera::nn;

int main() {
  tessera::manual_seed(0);
  nn::Sequential model(nn::Linear(4, 16), nn::ReLU(), nn::Linear(16, 1));
  tessera::optim::SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
  const tessera::Tensor x = tessera::randn({64, 4});
  const tessera::Tensor target = x.sum(1, /*keepdim=*/true);

  float first = 0;
  float last = 0;
  for (int step = 0; step < 100; ++step) {
    tessera::Tensor loss = nn::MSELoss()(model(x), target);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    last = loss.item<float>();
    if (step == 0) first = last;
  }
  std::printf("loss %g -> %g\n", first, last);
  if (!(last < 0.05f * first)) return 1;
  std::puts("nn_program: OK");
}
