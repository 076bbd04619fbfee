// SPDX-License-Identifier: Apache-2.0
//
// The networks that speed is measured on: small_cnn (also as small_cnn_fused), mlp, tabular, lstm
// and gpt, with made-up data.
#ifndef TESSERA_TOOLS_BENCH_NETWORKS_H_
#define TESSERA_TOOLS_BENCH_NETWORKS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tessera/nn/nn.h"
#include "tessera/tensor/tensor.h"

namespace tessera::bench {

struct Network {
  std::unique_ptr<nn::Module> model;
  Tensor inputs;   // all samples
  Tensor targets;  // theirs
  std::function<Tensor(const Tensor& output, const Tensor& target)> loss;
  int64_t batch_size = 64;
};

// The names above.
//   errors: throws kInvalidArgument for another
Network make_network(const std::string& name);

}  // namespace tessera::bench

#endif  // TESSERA_TOOLS_BENCH_NETWORKS_H_
